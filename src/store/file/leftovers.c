/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/file/leftovers.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/directory.h"
#include "store/fd.h"
#include "store/file/quarantine.h"
#include "store/file/temp-file.h"
#include "store/file/text-file.h"

/* Returns: whether this service wrote @content: it is the text that was replaced, the one that
 *   replaced it, or one of a write that ended before the exchange
 */
static gboolean
is_own (RunconfState *state, GBytes *content, GBytes *text)
{
  return state != NULL
         && (runconf_state_knows (state, content) || runconf_state_is_pending (state, text));
}

static GBytes *
read_temp_file (int directory, const char *temp_name, const char *path, RunconfSignature *signature)
{
  g_autofree char *directory_path = g_path_get_dirname (path);
  g_autofree char *temp_path = g_build_filename (directory_path, temp_name, NULL);
  g_autoptr (GError) error = NULL;
  GBytes *content = NULL;

  if (!runconf_text_file_read_at (directory, temp_name, temp_path, &content, signature, NULL,
                                  &error))
    g_warning ("A temporary file isn't removed: %s", error->message);

  return content;
}

/* Returns: whether the file can be removed: its content is known elsewhere, or is now kept */
static gboolean
may_go (GBytes *content, GBytes *text, const char *path, RunconfState *state)
{
  g_autofree char *copy = NULL;
  g_autoptr (GError) error = NULL;

  if (g_bytes_get_size (content) == 0 || (text != NULL && g_bytes_equal (content, text))
      || is_own (state, content, text))
    return TRUE;

  copy = runconf_quarantine_keep (path, RUNCONF_QUARANTINE_CORRUPT, content, &error);
  if (copy == NULL)
    g_warning ("A temporary file isn't removed: %s", error->message);
  else
    g_message ("A write of %s was interrupted; the content of its temporary file is kept as %s",
               path, copy);

  return copy != NULL;
}

/* A process that still has the file open may write into it: so the grace gets it, like each file
 * that was replaced.
 */
static void
let_go (int directory, const char *temp_name, GBytes *content, const RunconfSignature *signature,
        const char *path, RunconfGrace *grace)
{
  int fd = openat (directory, temp_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

  if (fd >= 0)
    runconf_grace_add (grace, directory, temp_name, fd, content, signature);
  else if (unlinkat (directory, temp_name, 0) < 0)
    g_warning ("%s beside %s can't be removed: %s", temp_name, path, g_strerror (errno));
}

static GPtrArray *
list_temp_files (int directory, const char *name)
{
  g_autoptr (GPtrArray) names = runconf_directory_list (directory);
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < names->len; i++)
    if (runconf_temp_file_is_one (names->pdata[i], name))
      g_ptr_array_add (found, g_strdup (names->pdata[i]));

  return found;
}

/**
 * runconf_leftovers_clear:
 * @directory: file descriptor of the directory
 * @name: the file in it
 * @path: the same file
 * @state: (nullable): knows the texts that this service wrote
 * @grace: looks after files that a process has open
 *
 * Removes the temporary files of a process that ended while it replaced the file. One of them can
 * hold a text that another program saved and that wasn't read: a text that is neither the one of
 * the file nor one of this service is kept by runconf_quarantine_keep().
 *
 * Call it with the lock of the file held: otherwise it could remove files that another process is
 * writing. This blocks on the file system.
 */
void
runconf_leftovers_clear (int directory, const char *name, const char *path, RunconfState *state,
                         RunconfGrace *grace)
{
  g_autoptr (GPtrArray) temp_names = list_temp_files (directory, name);
  g_autoptr (GBytes) text = NULL;
  RunconfSignature signature;

  if (temp_names->len == 0)
    return;

  /* if the file can't be read, no text equals its text */
  runconf_text_file_read_at (directory, name, path, &text, &signature, NULL, NULL);

  for (guint i = 0; i < temp_names->len; i++)
    {
      const char *temp_name = temp_names->pdata[i];
      g_autoptr (GBytes) content = read_temp_file (directory, temp_name, path, &signature);

      if (content != NULL && may_go (content, text, path, state))
        let_go (directory, temp_name, content, &signature, path, grace);
    }
}
