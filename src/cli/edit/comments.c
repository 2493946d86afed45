/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/edit/comments.h"

#include <string.h>

/* Compares the comments of two texts. */

/* Returns: the start of the comment in a line, or the end of the line if there is none. A “#” in
 * quotes counts too: then a change of it is treated as a change of a comment, which is harmless
 */
static const char *
find_comment (const char *line, const char *end)
{
  for (const char *p = line; p < end; p++)
    if (*p == '#' && (p == line || p[-1] == ' ' || p[-1] == '\t'))
      return p;

  return end;
}

/* Returns: (transfer full): each comment, with the number of its occurrences */
static GHashTable *
count_comments (GBytes *text)
{
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gsize size;
  const char *line = g_bytes_get_data (text, &size);
  const char *end = size > 0 ? line + size : line;

  while (line < end)
    {
      const char *stop = memchr (line, '\n', end - line);
      const char *comment;

      stop = stop != NULL ? stop : end;
      comment = find_comment (line, stop);
      if (comment < stop)
        {
          char *key = g_strchomp (g_strndup (comment, stop - comment));
          guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, key));

          g_hash_table_replace (counts, key, GUINT_TO_POINTER (count + 1));
        }
      line = stop + 1;
    }

  return counts;
}

/**
 * cli_comments_grew:
 * @before: a text in YAML
 * @after: another text in YAML
 *
 * Returns: whether @after has a comment that @before doesn't have, or one more often
 */
gboolean
cli_comments_grew (GBytes *before, GBytes *after)
{
  g_autoptr (GHashTable) known = count_comments (before);
  g_autoptr (GHashTable) found = count_comments (after);
  GHashTableIter iter;
  gpointer comment, count;

  g_hash_table_iter_init (&iter, found);
  while (g_hash_table_iter_next (&iter, &comment, &count))
    if (GPOINTER_TO_UINT (count) > GPOINTER_TO_UINT (g_hash_table_lookup (known, comment)))
      return TRUE;

  return FALSE;
}
