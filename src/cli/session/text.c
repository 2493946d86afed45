/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "cli/terminal/failure.h"
#include "core/limits.h"
#include "core/metadata.h"
#include "yaml/document.h"

/* Reads texts from files or standard input. */

#define CHUNK (64 * 1024)

/* Returns: (transfer none): the name of a file in messages */
static const char *
get_name (const char *file)
{
  return strcmp (file, "-") == 0 ? _ ("standard input") : file;
}

static GBytes *
read_all (int fd, const char *name, GError **error)
{
  g_autoptr (GByteArray) text = g_byte_array_new ();
  gssize length;

  do
    {
      guint filled = text->len;

      /* stop at the limit: a device may be endless */
      if (filled > RUNCONF_MAX_TEXT_BYTES)
        {
          g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                       _ ("%s: too large: a text has at most %d MiB"), name,
                       RUNCONF_MAX_TEXT_BYTES / (1024 * 1024));
          return NULL;
        }

      g_byte_array_set_size (text, filled + CHUNK);
      do
        length = read (fd, text->data + filled, CHUNK);
      while (length < 0 && errno == EINTR);
      g_byte_array_set_size (text, filled + (guint) MAX (length, 0));
    }
  while (length > 0);

  if (length == 0)
    return g_byte_array_free_to_bytes (g_steal_pointer (&text));

  g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, _ ("%s can't be read: %s"), name,
               g_strerror (errno));

  return NULL;
}

/**
 * cli_text_read:
 * @file: a file, or `-` for standard input
 *
 * Returns: (transfer full): its content, or %NULL with an error
 */
GBytes *
cli_text_read (const char *file, GError **error)
{
  const char *name = get_name (file);
  GBytes *text;
  int fd;

  if (strcmp (file, "-") == 0)
    return read_all (STDIN_FILENO, name, error);

  fd = open (file, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, _ ("%s can't be read: %s"), name,
                   g_strerror (errno));
      return NULL;
    }

  text = read_all (fd, name, error);
  g_close (fd, NULL);

  return text;
}

/**
 * cli_text_parse_mapping:
 * @text: the text
 * @file: the file that it was read from
 * @position: (nullable): set to the number of characters parsed so far, for another thread to read
 *
 * Parses a configuration, or a part of one.
 *
 * Returns: (transfer full): the mapping, without the metadata of a file of overrides, or %NULL with
 *   an error
 */
RunconfNode *
cli_text_parse_mapping (GBytes *text, const char *file, gint *position, GError **error)
{
  g_autoptr (RunconfDocument) document
      = runconf_document_new_locating (text, get_name (file), position, error);

  return document != NULL ? runconf_metadata_strip (runconf_document_get_root (document)) : NULL;
}

/**
 * cli_text_read_mapping:
 * @file: a file, or `-` for standard input
 *
 * Returns: (transfer full): the mapping in the file, or %NULL with an error
 */
RunconfNode *
cli_text_read_mapping (const char *file, GError **error)
{
  g_autoptr (GBytes) text = cli_text_read (file, error);

  return text != NULL ? cli_text_parse_mapping (text, file, NULL, error) : NULL;
}
