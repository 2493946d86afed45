/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/path.h"

#include <string.h>

#include "core/error.h"
#include "core/escape.h"
#include "core/limits.h"

/* A path is a JSON Pointer:
 *
 *   valid      the empty string (the root), /chat/websocket/port, /list/0, /list/- (past the end,
 *              to append), /a~1b (the key “a/b”), /a~0b (the key “a~b”), / (the empty key)
 *   invalid    chat/websocket (no slash before it), /a~b and /a~2 (a tilde that escapes nothing)
 */
struct _RunconfPath
{
  char *pointer;
  GPtrArray *segments;
};

/* Appends the unescaped segment to @out. Returns: whether the segment is valid */
static gboolean
unescape_segment (GString *out, const char *segment, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (segment[i] != '~')
        g_string_append_c (out, segment[i]);
      else if (i + 1 < length && (segment[i + 1] == '0' || segment[i + 1] == '1'))
        g_string_append_c (out, segment[++i] == '0' ? '~' : '/');
      else
        return FALSE;
    }

  return TRUE;
}

/**
 * runconf_path_take_segment:
 * @pointer: the pointer of a path, or the rest of one, but not the empty one
 * @key: set to its first segment, unescaped
 *
 * Returns: (transfer none): the rest of @pointer
 */
const char *
runconf_path_take_segment (const char *pointer, GString *key)
{
  const char *end = strchrnul (pointer + 1, '/');

  g_string_truncate (key, 0);
  unescape_segment (key, pointer + 1, end - pointer - 1);

  return end;
}

/**
 * runconf_path_new:
 * @pointer: a JSON Pointer in UTF-8
 *
 * Returns: (transfer full): the path, or %NULL with %RUNCONF_ERROR_INVALID_PATH, or with
 *   %RUNCONF_ERROR_TOO_LARGE if it is deeper than any configuration may be
 */
RunconfPath *
runconf_path_new (const char *pointer, GError **error)
{
  g_autofree char *shown = runconf_escape (pointer, -1);
  g_autoptr (RunconfPath) self = NULL;
  const char *segment = pointer;

  if (*pointer != '\0' && *pointer != '/')
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
                   "%s: not a JSON Pointer: a path begins with a slash, like “/%s”, and the empty "
                   "string is everything",
                   shown, shown);
      return NULL;
    }

  self = g_new0 (RunconfPath, 1);
  self->pointer = g_strdup (pointer);
  self->segments = g_ptr_array_new_with_free_func (g_free);

  while (*segment == '/')
    {
      const char *end = strchrnul (++segment, '/');
      g_autoptr (GString) key = g_string_sized_new (end - segment);

      if (self->segments->len == RUNCONF_MAX_SEGMENTS)
        {
          g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
                       "%s: too deep: a path has at most %d segments", shown, RUNCONF_MAX_SEGMENTS);
          return NULL;
        }

      if (!unescape_segment (key, segment, end - segment))
        {
          g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
                       "%s: not a JSON Pointer: write “~” in a key as “~0”, and “/” as “~1”",
                       shown);
          return NULL;
        }

      g_ptr_array_add (self->segments, g_string_free (g_steal_pointer (&key), FALSE));
      segment = end;
    }

  return g_steal_pointer (&self);
}

void
runconf_path_free (RunconfPath *self)
{
  g_free (self->pointer);
  g_ptr_array_unref (self->segments);
  g_free (self);
}

const char *
runconf_path_get_pointer (const RunconfPath *self)
{
  return self->pointer;
}

guint
runconf_path_get_length (const RunconfPath *self)
{
  return self->segments->len;
}

/**
 * runconf_path_get_segment:
 * @position: less than the length
 *
 * Returns: (transfer none): a key, or an index in decimal
 */
const char *
runconf_path_get_segment (const RunconfPath *self, guint position)
{
  g_return_val_if_fail (position < self->segments->len, NULL);

  return self->segments->pdata[position];
}

/**
 * runconf_path_get_prefix:
 * @length: the number of segments
 *
 * Returns: (transfer full): the pointer to the ancestor that has the first @length segments
 */
char *
runconf_path_get_prefix (const RunconfPath *self, guint length)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < length; i++)
    runconf_path_append (out, runconf_path_get_segment (self, i));

  return g_string_free (g_steal_pointer (&out), FALSE);
}

/**
 * runconf_path_append:
 * @pointer: a JSON Pointer
 * @segment: a key, or an index in decimal
 *
 * Appends @segment, escaped, to @pointer.
 */
void
runconf_path_append (GString *pointer, const char *segment)
{
  g_string_append_c (pointer, '/');
  while (*segment != '\0')
    {
      gsize n_plain = strcspn (segment, "~/");

      g_string_append_len (pointer, segment, (gssize) n_plain);
      segment += n_plain;
      if (*segment != '\0')
        g_string_append (pointer, *segment++ == '~' ? "~0" : "~1");
    }
}

/**
 * runconf_path_parse_index:
 * @index: (out): the index
 *
 * Accepts decimal digits without a leading zero, as RFC 6901 requires. An index past the end of any
 * possible sequence is set to %G_MAXUINT.
 *
 * Returns: whether @segment is an index
 */
gboolean
runconf_path_parse_index (const char *segment, guint *index)
{
  gsize n_digits = strspn (segment, "0123456789");

  if (n_digits == 0 || segment[n_digits] != '\0' || (segment[0] == '0' && n_digits > 1))
    return FALSE;

  *index = (guint) MIN (g_ascii_strtoull (segment, NULL, 10), G_MAXUINT);

  return TRUE;
}

/**
 * runconf_path_is_below:
 *
 * Returns: whether @pointer is @ancestor or below it
 */
gboolean
runconf_path_is_below (const char *pointer, const char *ancestor)
{
  gsize length = strlen (ancestor);

  return strncmp (pointer, ancestor, length) == 0
         && (pointer[length] == '\0' || pointer[length] == '/');
}
