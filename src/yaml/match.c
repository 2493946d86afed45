/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/rewriter.h"

/* Compares two versions of a sequence, to keep as many items of the text as possible. */

/* The table of the longest common subsequence has at most this many cells; larger sequences are
 * matched in order.
 */
#define MAX_CELLS (512 * 512)

typedef struct
{
  const RunconfNode *from;
  const RunconfNode *to;
  guint from_start, from_end;
  guint to_start, to_end;
  GArray *matches;
} Match;

static gboolean
is_equal (const Match *self, guint from, guint to)
{
  return runconf_node_equal (runconf_node_get_child (self->from, from),
                             runconf_node_get_child (self->to, to));
}

static void
take (Match *self, guint from, guint to)
{
  g_array_index (self->matches, guint, from) = to;
}

static void
match_ends (Match *self)
{
  while (self->from_start < self->from_end && self->to_start < self->to_end
         && is_equal (self, self->from_start, self->to_start))
    take (self, self->from_start++, self->to_start++);

  while (self->from_start < self->from_end && self->to_start < self->to_end
         && is_equal (self, self->from_end - 1, self->to_end - 1))
    take (self, --self->from_end, --self->to_end);
}

/* Items without an equal are paired in order, each to be changed into the other, until one side has
 * no more.
 */
static void
match_in_order (Match *self, guint from, guint from_end, guint to, guint to_end)
{
  while (from < from_end && to < to_end)
    take (self, from++, to++);
}

/* Returns: (transfer full): for each pair of positions, the length of the longest common
 * subsequence of the items from there on
 */
static guint *
count_common (const Match *self, guint n_from, guint n_to)
{
  guint width = n_to + 1;
  guint *common = g_new0 (guint, (gsize) (n_from + 1) * width);

  for (guint i = n_from; i-- > 0;)
    {
      for (guint j = n_to; j-- > 0;)
        {
          guint *cell = &common[i * width + j];

          if (is_equal (self, self->from_start + i, self->to_start + j))
            *cell = common[(i + 1) * width + j + 1] + 1;
          else
            *cell = MAX (common[(i + 1) * width + j], common[i * width + j + 1]);
        }
    }

  return common;
}

static void
match_common (Match *self)
{
  guint n_from = self->from_end - self->from_start;
  guint n_to = self->to_end - self->to_start;
  guint width = n_to + 1;
  g_autofree guint *common = count_common (self, n_from, n_to);
  guint i = 0, j = 0;
  guint run_i = 0, run_j = 0;

  while (i < n_from && j < n_to)
    {
      if (common[i * width + j] == common[(i + 1) * width + j])
        {
          i++;
        }
      else if (common[i * width + j] == common[i * width + j + 1])
        {
          j++;
        }
      else
        {
          match_in_order (self, self->from_start + run_i, self->from_start + i,
                          self->to_start + run_j, self->to_start + j);
          take (self, self->from_start + i++, self->to_start + j++);
          run_i = i;
          run_j = j;
        }
    }

  match_in_order (self, self->from_start + run_i, self->from_end, self->to_start + run_j,
                  self->to_end);
}

/**
 * runconf_match_items:
 * @from: a sequence
 * @to: the sequence that @from is to become
 *
 * Finds the items that stay, change and are removed, so that as few as possible are changed or
 * removed.
 *
 * Returns: (transfer full) (element-type guint): for each item of @from the position of its
 *   successor in @to, equal or changed, in ascending order, or %RUNCONF_NO_MATCH if the item is
 *   removed
 */
GArray *
runconf_match_items (const RunconfNode *from, const RunconfNode *to)
{
  guint length = runconf_node_get_length (from);
  guint none = RUNCONF_NO_MATCH;
  Match self = {
    .from = from,
    .to = to,
    .from_end = length,
    .to_end = runconf_node_get_length (to),
    .matches = g_array_sized_new (FALSE, FALSE, sizeof (guint), length),
  };

  for (guint i = 0; i < length; i++)
    g_array_append_val (self.matches, none);

  match_ends (&self);
  if ((guint64) (self.from_end - self.from_start) * (self.to_end - self.to_start) <= MAX_CELLS)
    match_common (&self);
  else
    match_in_order (&self, self.from_start, self.from_end, self.to_start, self.to_end);

  return self.matches;
}
