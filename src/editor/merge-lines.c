/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/merge-lines.h"

#include <string.h>

/* A merge of two texts that began as the same one, line by line. Lines that both changed to something
 * different are shown as other programs do it, one version after the other between marks, which aren't
 * YAML: such a text can't be saved before somebody has decided.
 */

/* a comparison of longer texts than this, in products of lines, isn't made: the lines are one change */
#define CELLS_MAX 4000000

#define MARK_MINE "<<<<<<<\n"
#define MARK_MIDDLE "=======\n"
#define MARK_THEIRS ">>>>>>>\n"

static GPtrArray *
split (const char *text)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  while (*text != '\0')
    {
      const char *end = strchr (text, '\n');
      gsize length = end != NULL ? (gsize) (end - text) + 1 : strlen (text);

      g_ptr_array_add (lines,
                       end != NULL ? g_strndup (text, length) : g_strconcat (text, "\n", NULL));
      text += length;
    }

  return lines;
}

static gboolean
is_same (GPtrArray *a, guint i, GPtrArray *b, guint j)
{
  return strcmp (a->pdata[i], b->pdata[j]) == 0;
}

/* A part of two texts: the lines from @begin on, of which @a and @b have so many. */
typedef struct
{
  guint begin;
  guint n_a;
  guint n_b;
} Middle;

/* Matches the equal lines at the beginning and at the end. */
static Middle
match_ends (GPtrArray *a, GPtrArray *b, guint *partners)
{
  guint n = MIN (a->len, b->len), begin = 0, end = 0;

  while (begin < n && is_same (a, begin, b, begin))
    {
      partners[begin] = begin;
      begin++;
    }
  while (end < n - begin && is_same (a, a->len - 1 - end, b, b->len - 1 - end))
    {
      end++;
      partners[a->len - end] = b->len - end;
    }

  return (Middle){ begin, a->len - begin - end, b->len - begin - end };
}

/* Returns: (transfer full): lengths of the longest common sequences from each pair of lines on */
static guint *
measure (GPtrArray *a, GPtrArray *b, const Middle *middle)
{
  gsize width = middle->n_b + 1;
  guint *lengths = g_new0 (guint, (middle->n_a + 1) * width);

  for (guint i = middle->n_a; i-- > 0;)
    for (guint j = middle->n_b; j-- > 0;)
      lengths[i * width + j] = is_same (a, middle->begin + i, b, middle->begin + j)
                                   ? lengths[(i + 1) * width + j + 1] + 1
                                   : MAX (lengths[(i + 1) * width + j], lengths[i * width + j + 1]);

  return lengths;
}

static void
match_middle (GPtrArray *a, GPtrArray *b, const Middle *middle, guint *partners)
{
  g_autofree guint *lengths = measure (a, b, middle);
  gsize width = middle->n_b + 1;
  guint i = 0, j = 0;

  while (i < middle->n_a && j < middle->n_b)
    if (is_same (a, middle->begin + i, b, middle->begin + j))
      partners[middle->begin + i++] = middle->begin + j++;
    else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])
      i++;
    else
      j++;
}

/* Returns: (transfer full): for each line of @a, the same line of @b, or the number of lines of @b; the
 *   lines of @b grow
 */
static guint *
match_lines (GPtrArray *a, GPtrArray *b)
{
  /* zeroed for the static analyser, which thinks that the number of lines can grow later */
  guint *partners = g_new0 (guint, a->len + 1);
  Middle middle;

  for (guint i = 0; i <= a->len; i++)
    partners[i] = b->len;
  middle = match_ends (a, b, partners);
  if ((gsize) middle.n_a * middle.n_b <= CELLS_MAX)
    match_middle (a, b, &middle, partners);

  return partners;
}

static void
append (GString *text, GPtrArray *lines, guint begin, guint end)
{
  for (guint i = begin; i < end; i++)
    g_string_append (text, lines->pdata[i]);
}

static gboolean
is_equal (GPtrArray *a, guint a_begin, guint a_end, GPtrArray *b, guint b_begin, guint b_end)
{
  if (a_end - a_begin != b_end - b_begin)
    return FALSE;

  for (guint i = 0; i < a_end - a_begin; i++)
    if (!is_same (a, a_begin + i, b, b_begin + i))
      return FALSE;

  return TRUE;
}

/* A part of the three texts, between lines that are the same in all. */
typedef struct
{
  guint base, base_end;
  guint mine, mine_end;
  guint theirs, theirs_end;
} Part;

/* Returns: whether the two versions contradict each other */
static gboolean
append_part (GString *text, const Part *part, GPtrArray *base, GPtrArray *mine, GPtrArray *theirs)
{
  gboolean mine_is_old
      = is_equal (base, part->base, part->base_end, mine, part->mine, part->mine_end);
  gboolean is_settled
      = mine_is_old
        || is_equal (base, part->base, part->base_end, theirs, part->theirs, part->theirs_end)
        || is_equal (mine, part->mine, part->mine_end, theirs, part->theirs, part->theirs_end);

  if (mine_is_old)
    append (text, theirs, part->theirs, part->theirs_end);
  else if (is_settled)
    append (text, mine, part->mine, part->mine_end);
  else
    {
      g_string_append (text, MARK_MINE);
      append (text, mine, part->mine, part->mine_end);
      g_string_append (text, MARK_MIDDLE);
      append (text, theirs, part->theirs, part->theirs_end);
      g_string_append (text, MARK_THEIRS);
    }

  return !is_settled;
}

/**
 * editor_merge_lines:
 * @base: the text that both began with
 * @has_conflicts: (out): whether lines were changed to something different by both
 *
 * Returns: (transfer full): the text with the changes of both
 */
char *
editor_merge_lines (const char *base, const char *mine, const char *theirs, gboolean *has_conflicts)
{
  g_autoptr (GPtrArray) base_lines = split (base);
  g_autoptr (GPtrArray) mine_lines = split (mine);
  g_autoptr (GPtrArray) their_lines = split (theirs);
  g_autofree guint *in_mine = match_lines (base_lines, mine_lines);
  g_autofree guint *in_theirs = match_lines (base_lines, their_lines);
  GString *text = g_string_new (NULL);
  Part part = { 0 };

  *has_conflicts = FALSE;
  for (guint i = 0; i <= base_lines->len; i++)
    {
      gboolean is_end = i == base_lines->len;

      if (!is_end && (in_mine[i] == mine_lines->len || in_theirs[i] == their_lines->len))
        continue;

      part.base_end = i;
      part.mine_end = in_mine[i];
      part.theirs_end = in_theirs[i];
      if (append_part (text, &part, base_lines, mine_lines, their_lines))
        *has_conflicts = TRUE;
      if (!is_end)
        g_string_append (text, base_lines->pdata[i]);
      part = (Part){ i + 1, 0, in_mine[i] + 1, 0, in_theirs[i] + 1, 0 };
    }

  return g_string_free (text, FALSE);
}
