/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/key-place.h"

#include <string.h>

#include "editor/path.h"

/* characters that neither a plain key nor a plain value has, as far as they are completed */
#define SPECIAL " :#\"'[]{},&*!|>%@`\t"

/* Where a key or its value is typed in a YAML text: the mapping that it belongs to follows from the indentation of the
 * lines above it.
 */

static char *
dup_line (const GtkTextIter *place)
{
  GtkTextIter start = *place, end = *place;

  gtk_text_iter_set_line_offset (&start, 0);
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);

  return gtk_text_iter_get_text (&start, &end);
}

/* Returns: (transfer full) (nullable): the key of a line such as “  port: 8000”, without quotes */
static char *
dup_key (const char *line)
{
  g_autofree char *copy = g_strstrip (g_strdup (line));
  char *colon = strchr (copy, ':');

  if (colon == NULL || *copy == '#')
    return NULL;

  *colon = '\0';
  g_strchomp (copy);
  if ((*copy == '"' || *copy == '\'') && strlen (copy) > 1)
    return g_strndup (copy + 1, strlen (copy) - 2);

  return g_steal_pointer (&copy);
}

static char *
prepend_key (const char *key, char *path)
{
  g_autofree char *first = editor_path_append ("", key);
  g_autofree char *rest = path;

  return g_strconcat (first, rest, NULL);
}

/**
 * editor_key_place_find_start:
 * @place: the place of the cursor
 * @start: (out): the place where the key begins
 *
 * Returns: whether the line has nothing but the begin of a key before @place
 */
gboolean
editor_key_place_find_start (const GtkTextIter *place, GtkTextIter *start)
{
  g_autofree char *before = NULL;
  gsize indent;

  *start = *place;
  gtk_text_iter_set_line_offset (start, 0);
  before = gtk_text_iter_get_text (start, place);
  indent = strspn (before, " ");
  gtk_text_iter_set_line_offset (start, (int) indent);

  return strpbrk (before + indent, SPECIAL) == NULL && before[indent] != '-';
}

/**
 * editor_key_place_find_value:
 * @place: the place of the cursor
 * @start: (out): the place where the value begins
 *
 * Returns: (transfer full) (nullable): the key that the line has before @place; %NULL if there is none,
 *   or something else than the begin of a plain value
 */
char *
editor_key_place_find_value (const GtkTextIter *place, GtkTextIter *start)
{
  g_autofree char *before = NULL;
  char *value;

  *start = *place;
  gtk_text_iter_set_line_offset (start, 0);
  before = gtk_text_iter_get_text (start, place);
  value = strchr (before, ':');
  if (value == NULL || before[strspn (before, " ")] == '-')
    return NULL;

  value += 1 + strspn (value + 1, " ");
  if (value[-1] != ' ' || strpbrk (value, SPECIAL) != NULL)
    return NULL;

  gtk_text_iter_set_line_index (start, (int) (value - before));

  return dup_key (before);
}

/**
 * editor_key_place_dup_parent:
 * @place: a place in the line of a key
 *
 * Returns: (transfer full) (nullable): the path of the mapping that the key belongs to; %NULL if it belongs
 *   to an element of a sequence
 */
char *
editor_key_place_dup_parent (const GtkTextIter *place)
{
  g_autofree char *line = dup_line (place);
  gsize indent = strspn (line, " ");
  g_autofree char *path = g_strdup ("");
  GtkTextIter above = *place;

  while (indent > 0 && gtk_text_iter_backward_line (&above))
    {
      g_autofree char *other = dup_line (&above);
      g_autofree char *key = dup_key (other);
      gsize other_indent = strspn (other, " ");

      if (other_indent >= indent)
        continue;

      if (other[other_indent] == '-')
        return NULL;

      if (key != NULL)
        {
          indent = other_indent;
          path = prepend_key (key, g_steal_pointer (&path));
        }
    }

  return g_steal_pointer (&path);
}
