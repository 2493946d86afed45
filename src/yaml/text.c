/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/text.h"

#include <string.h>

#include "core/limits.h"

/* Checks a text before and after libyaml parses it, and formats error messages with a position. */

#define MAX_DIRECTIVES 64

#define BOM "\xef\xbb\xbf"

static gboolean
starts_with (const RunconfText *self, const char *bytes, gsize n_bytes)
{
  return self->length >= n_bytes && memcmp (self->data, bytes, n_bytes) == 0;
}

static const char *
find_foreign_encoding (const RunconfText *self)
{
  if (starts_with (self, "\xff\xfe\0\0", 4) || starts_with (self, "\0\0\xfe\xff", 4))
    return "UTF-32";
  if (starts_with (self, "\xff\xfe", 2) || starts_with (self, "\xfe\xff", 2))
    return "UTF-16";

  return NULL;
}

/**
 * runconf_text_is_ascii:
 * @start: the first offset to check
 *
 * Returns: whether each byte from @start on is an ASCII character
 */
gboolean
runconf_text_is_ascii (const RunconfText *self, gsize start)
{
  const char *p = self->data + start;
  const char *end = self->data + self->length;
  guint64 word, bits = 0;

  for (; end - p >= (gssize) sizeof word; p += sizeof word)
    {
      memcpy (&word, p, sizeof word);
      bits |= word;
    }
  for (; p < end; p++)
    bits |= (guchar) *p;

  return (bits & G_GUINT64_CONSTANT (0x8080808080808080)) == 0;
}

/**
 * runconf_text_check:
 *
 * Checks the size and the encoding, which have to be right before anything is parsed.
 *
 * Returns: %FALSE with %RUNCONF_ERROR_TOO_LARGE or %RUNCONF_ERROR_INVALID_VALUE if the text is
 *   refused
 */
gboolean
runconf_text_check (const RunconfText *self, GError **error)
{
  const char *encoding = find_foreign_encoding (self);
  const char *end;

  if (self->length > RUNCONF_MAX_TEXT_BYTES)
    {
      runconf_text_fail (self, 0, RUNCONF_ERROR_TOO_LARGE, error,
                         "a text of %" G_GSIZE_FORMAT " bytes; at most %d MiB are read",
                         self->length, RUNCONF_MAX_TEXT_BYTES / (1024 * 1024));
      return FALSE;
    }

  if (encoding != NULL)
    {
      runconf_text_fail (self, 0, RUNCONF_ERROR_INVALID_VALUE, error,
                         "the text is %s; save it as UTF-8", encoding);
      return FALSE;
    }

  if (runconf_text_is_ascii (self, 0))
    end = self->length > 0 ? memchr (self->data, '\0', self->length) : NULL;
  else if (g_utf8_validate_len (self->data, self->length, &end))
    end = NULL;
  if (end == NULL)
    return TRUE;

  if (*end == '\0')
    runconf_text_fail (self, end - self->data, RUNCONF_ERROR_INVALID_VALUE, error,
                       "a NUL byte; is the file damaged?");
  else
    runconf_text_fail (self, end - self->data, RUNCONF_ERROR_INVALID_VALUE, error,
                       "the byte 0x%02x is not valid UTF-8 here; save the text as UTF-8",
                       (guchar) *end);

  return FALSE;
}

/**
 * runconf_text_get_bom_length:
 *
 * Returns: the length of the byte order mark at the beginning of the text, 0 without one
 */
gsize
runconf_text_get_bom_length (const RunconfText *self)
{
  return starts_with (self, BOM, strlen (BOM)) ? strlen (BOM) : 0;
}

static gsize
skip_line (const RunconfText *self, gsize offset)
{
  while (offset < self->length && self->data[offset] != '\n' && self->data[offset] != '\r')
    offset++;

  return offset;
}

/* Skips white space and comments. */
static gsize
skip_blank (const RunconfText *self, gsize offset)
{
  while (offset < self->length)
    {
      if (self->data[offset] == '#')
        offset = skip_line (self, offset);
      else if (g_ascii_isspace (self->data[offset]))
        offset++;
      else
        break;
    }

  return offset;
}

/**
 * runconf_text_check_directives:
 *
 * Counts the directives, lines with `%` before the document, since libyaml compares each %TAG with
 * all before it.
 *
 * Returns: %FALSE with %RUNCONF_ERROR_TOO_LARGE if there are too many
 */
gboolean
runconf_text_check_directives (const RunconfText *self, GError **error)
{
  gsize offset = skip_blank (self, runconf_text_get_bom_length (self));

  for (guint n = 0; offset < self->length && self->data[offset] == '%'; n++)
    {
      if (n == MAX_DIRECTIVES)
        {
          runconf_text_fail (self, offset, RUNCONF_ERROR_TOO_LARGE, error,
                             "more than %d lines that begin with “%%”", MAX_DIRECTIVES);
          return FALSE;
        }
      offset = skip_blank (self, skip_line (self, offset));
    }

  return TRUE;
}

static gboolean
has_at (const RunconfText *self, gsize offset, const char *marker)
{
  gsize length = strlen (marker);

  return self->length - offset >= length && memcmp (self->data + offset, marker, length) == 0;
}

/**
 * runconf_text_check_rest:
 * @offset: the end of the first document
 * @has_ended: whether @offset is after a `...`
 *
 * Looks for a second document. libyaml isn't used for it, since that document may be invalid or
 * have an endless number of %TAG lines.
 *
 * Returns: %FALSE with %RUNCONF_ERROR_INVALID_VALUE if there is a second document
 */
gboolean
runconf_text_check_rest (const RunconfText *self, gsize offset, gboolean has_ended, GError **error)
{
  offset = skip_blank (self, offset);
  while (offset < self->length && has_at (self, offset, "..."))
    {
      has_ended = TRUE;
      offset = skip_blank (self, offset + 3);
    }

  if (offset == self->length
      || (!has_ended && !has_at (self, offset, "---") && !has_at (self, offset, "%")))
    return TRUE;

  runconf_text_fail (self, offset, RUNCONF_ERROR_INVALID_VALUE, error,
                     "a second document begins here; a text has only one");
  return FALSE;
}

/**
 * runconf_text_get_position:
 * @offset: in bytes, at most the length
 * @line: (out): from 1, with the same line breaks as in editors
 * @column: (out): from 1, in characters
 */
void
runconf_text_get_position (const RunconfText *self, gsize offset, guint *line, guint *column)
{
  const char *data = self->data;
  gsize start = runconf_text_get_bom_length (self);

  *line = 1;
  *column = 1;

  for (gsize i = start; i < offset; i++)
    {
      if (data[i] == '\n' || (data[i] == '\r' && (i + 1 >= self->length || data[i + 1] != '\n')))
        {
          *line += 1;
          start = i + 1;
        }
    }

  for (gsize i = start; i < offset; i++)
    {
      /* continuation bytes of a character don't count */
      if (((guchar) data[i] & 0xc0) != 0x80)
        *column += 1;
    }
}

/**
 * runconf_text_fail:
 * @offset: the offset of the byte that the message is about
 *
 * Sets an error that begins with `name:line:column: `.
 */
void
runconf_text_fail (const RunconfText *self, gsize offset, RunconfError code, GError **error,
                   const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;
  guint line, column;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  runconf_text_get_position (self, offset, &line, &column);
  g_set_error (error, RUNCONF_ERROR, code, "%s:%u:%u: %s", self->name, line, column, message);
}
