/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/rewriter.h"

#include <string.h>

#include "core/mapping.h"
#include "yaml/lines.h"

/* Inserts and removes pairs and items of block collections together with their lines. A removal
 * takes the line break before its first line rather than the one after its last, and an insertion
 * begins with a line break. So the two don't touch where one member is removed and another
 * inserted, and a last line without a line break stays without one.
 */

/* The state of the walk along a collection in block style. */
typedef struct
{
  RunconfRewriter *rewriter;
  guint column;
  gsize previous_end; /* the end of the previous member */
  gsize first_start;  /* the start of the first member */
  /* the start of the removed first members if they are on the line of a dash, else 0 */
  gsize run_start;
  gboolean had_run;  /* whether there were such members */
  gboolean has_kept; /* whether a member that stays was found */
  gsize kept_start;  /* the start of the first member that stays */
  gsize kept_end;    /* the end of the last one so far */
} Block;

static void
block_init (Block *self, RunconfRewriter *rewriter, guint span)
{
  *self = (Block){ .rewriter = rewriter };
  self->first_start = self->previous_end = runconf_rewriter_get_content (rewriter, span);
  self->column = runconf_lines_get_column (&rewriter->text, self->first_start);
}

/* Returns: the start of the next member, with its dash or question mark */
static gsize
block_find_start (const Block *self)
{
  return runconf_lines_skip_gap (&self->rewriter->text, self->previous_end);
}

/* Returns: whether a block scalar ends at @offset: its last line needs its line break */
static gboolean
is_end_of_block_scalar (const RunconfRewriter *self, gsize offset)
{
  for (guint i = 0; i < self->n_spans; i++)
    {
      const RunconfSpan *span = &self->spans[i];

      if (span->end == offset && span->kind == RUNCONF_SPAN_SCALAR
          && (span->style == RUNCONF_STYLE_LITERAL || span->style == RUNCONF_STYLE_FOLDED))
        return TRUE;
    }

  return FALSE;
}

/* Removes the lines from @start to @end. */
static void
remove_lines (RunconfRewriter *self, gsize start, gsize end)
{
  const RunconfText *text = &self->text;
  gsize line = runconf_lines_find_start (text, start);

  if (runconf_lines_find_end (text, end) == text->length && line > 0
      && is_end_of_block_scalar (self, runconf_lines_find_previous_end (text, start)))
    {
      runconf_splice_remove (self->splice, line, text->length);
      return;
    }

  if (line == runconf_text_get_bom_length (text) || line == self->removed_to)
    {
      self->removed_to = runconf_lines_find_next (text, end);
      runconf_splice_remove (self->splice, line, self->removed_to);
      return;
    }

  runconf_splice_remove (self->splice, runconf_lines_find_previous_end (text, start),
                         runconf_lines_find_end (text, end));
}

/* Returns: whether it is a block mapping with a single pair, set in @key, whose key begins a line
 */
static gboolean
is_single (const RunconfRewriter *self, guint span, guint *key)
{
  const RunconfSpan *mapping = &self->spans[span];

  *key = span + 1;

  return mapping->kind == RUNCONF_SPAN_MAPPING && mapping->style == RUNCONF_STYLE_BLOCK
         && self->spans[self->spans[*key].next].next == mapping->next
         && runconf_lines_is_first (&self->text, runconf_rewriter_get_content (self, span));
}

/* Removes a pair, together with the mappings below it that have a single pair. Their lines are
 * removed one by one: the comment lines between them stay, since they may describe more than the
 * pair.
 */
static void
remove_pair (RunconfRewriter *self, gsize start, guint key)
{
  guint value = self->spans[key].next;
  guint below;

  while (is_single (self, value, &below))
    {
      gsize content = runconf_rewriter_get_content (self, value);
      RunconfSlot slot;

      /* the colon of a key in explicit form is on a line of its own */
      runconf_rewriter_init_key_slot (self, key, 0, &slot);
      remove_lines (self, start, slot.lead);
      start = content;
      key = below;
      value = self->spans[key].next;
    }

  remove_lines (self, start, runconf_rewriter_get_pair_end (self, key));
}

/* Removes the member from @start to @end; @key is its key, 0 for an item. */
static void
block_drop (Block *self, gsize start, gsize end, guint key)
{
  if (self->run_start > 0)
    return;

  if (!self->has_kept && !runconf_lines_is_first (&self->rewriter->text, start))
    {
      self->run_start = start;
      self->had_run = TRUE;
    }
  else if (key > 0)
    remove_pair (self->rewriter, start, key);
  else
    remove_lines (self->rewriter, start, end);
}

/* Ends the removal of the first members if they are on the line of a dash. The next member that
 * stays is moved to the dash, unless there is a comment before it.
 */
static void
block_end_run (Block *self, gsize start)
{
  const RunconfText *text = &self->rewriter->text;
  gsize from = self->run_start;

  if (runconf_lines_find_next (text, self->previous_end) != runconf_lines_find_start (text, start))
    {
      start = runconf_lines_find_end (text, self->previous_end);
      while (from > 0 && (text->data[from - 1] == ' ' || text->data[from - 1] == '\t'))
        from--;
    }

  runconf_splice_remove (self->rewriter->splice, from, start);
  self->run_start = 0;
}

/* Notes the next member, which stays and ends at @end. */
static void
block_keep (Block *self, gsize end)
{
  if (!self->has_kept)
    {
      self->kept_start = block_find_start (self);
      if (self->run_start > 0)
        block_end_run (self, self->kept_start);
    }
  self->has_kept = TRUE;
  self->kept_end = end;
}

/* Returns: where the lines of a new member after one that ends at @end are inserted */
static gsize
block_find_room (const Block *self, gsize end)
{
  return runconf_lines_find_end_of_deeper (&self->rewriter->text, end, self->column);
}

/* Inserts lines, each with the line break before it, before the first member that stays: also
 * before the comments above it, unless these reach up to the beginning of the text.
 */
static void
block_insert_before (const Block *self, const GString *lines)
{
  const RunconfText *text = &self->rewriter->text;
  g_autoptr (GString) before = NULL;
  gsize line = runconf_lines_find_start (text, self->kept_start);
  gsize prefix = strlen (self->rewriter->layout.line_end) + self->column;

  while (line > runconf_text_get_bom_length (text)
         && runconf_lines_is_comment (text, runconf_lines_find_previous_end (text, line)))
    line = runconf_lines_find_start (text, runconf_lines_find_previous_end (text, line));

  if (line > runconf_text_get_bom_length (text) && !self->had_run
      && runconf_lines_is_first (text, self->kept_start))
    {
      runconf_splice_insert (self->rewriter->splice, runconf_lines_find_previous_end (text, line),
                             lines);
      return;
    }

  before = g_string_new_len (lines->str + prefix, lines->len - prefix);
  runconf_emit_line_start (before, self->column, &self->rewriter->layout);
  runconf_splice_insert (self->rewriter->splice, self->kept_start, before);
}

/* Replaces all members, none of which stays: the new ones begin where the first one did. */
static void
block_replace_all (const Block *self, guint span, const RunconfNode *node)
{
  g_autoptr (GString) out = g_string_new (NULL);

  runconf_rewriter_adapt (self->rewriter, self->rewriter->spans[span].end, self->column);
  runconf_emit_block (out, node, self->column, &self->rewriter->layout);
  runconf_splice_replace (
      self->rewriter->splice, self->first_start,
      runconf_lines_find_end (&self->rewriter->text, self->rewriter->spans[span].end), out->str,
      out->len);
}

/* Returns: the end of the pair whose key, @name, is written in the mapping */
static gsize
find_pair_end (const RunconfRewriter *self, guint mapping, const RunconfNode *base,
               const char *name)
{
  guint key = mapping + 1;

  for (guint position = 0; key < self->spans[mapping].next;
       key = self->spans[self->spans[key].next].next)
    {
      if (self->spans[key].is_merge)
        continue;
      if (strcmp (runconf_mapping_get_key (base, position++, NULL), name) == 0)
        break;
    }

  return runconf_rewriter_get_pair_end (self, key);
}

/* Inserts each new key after the one that precedes it in the tree; new keys without a predecessor
 * are inserted after all pairs.
 */
static void
add_pairs (Block *self, guint mapping, const RunconfNode *base, const RunconfNode *node)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  const char *previous = NULL;
  gsize end = block_find_room (self, self->kept_end);

  for (guint i = 0; i <= runconf_node_get_length (node); i++)
    {
      gboolean is_end = i == runconf_node_get_length (node);
      const char *key = is_end ? NULL : runconf_mapping_get_key (node, i, NULL);

      if (!is_end && runconf_mapping_get (base, key) == NULL)
        {
          if (lines->len == 0 && previous != NULL)
            end = block_find_room (self, find_pair_end (self->rewriter, mapping, base, previous));
          if (lines->len == 0)
            runconf_rewriter_adapt (self->rewriter, end, self->column);
          runconf_emit_line_start (lines, self->column, &self->rewriter->layout);
          runconf_emit_pair (lines, node, i, self->column, &self->rewriter->layout);
          continue;
        }

      if (lines->len > 0)
        runconf_splice_insert (self->rewriter->splice, end, lines);
      g_string_truncate (lines, 0);
      previous = key;
    }
}

/**
 * runconf_rewriter_drop_block_pair:
 * @mapping: a mapping in block style, of which another pair stays
 * @key: the span of one of its keys
 *
 * Notes the removal of one pair.
 */
void
runconf_rewriter_drop_block_pair (RunconfRewriter *self, guint mapping, guint key)
{
  gsize start = runconf_rewriter_find_pair_start (self, mapping, key);
  gsize end = runconf_rewriter_get_pair_end (self, key);
  Block block;

  if (runconf_lines_is_first (&self->text, start))
    {
      remove_lines (self, start, end);
      return;
    }

  block_init (&block, self, mapping);
  block.run_start = start;
  block.previous_end = end;
  block_end_run (&block, block_find_start (&block));
}

/* Returns: whether a pair stays, or there is a merge key, which rewrite-reuse.c decides about */
static gboolean
has_common_key (const RunconfRewriter *self, guint mapping, const RunconfNode *base,
                const RunconfNode *node)
{
  for (guint i = 0; i < runconf_node_get_length (base); i++)
    {
      if (runconf_rewriter_find_child (base, i, node) != NULL)
        return TRUE;
    }

  for (guint key = mapping + 1; key < self->spans[mapping].next;
       key = self->spans[self->spans[key].next].next)
    {
      if (self->spans[key].is_merge)
        return TRUE;
    }

  return FALSE;
}

/**
 * runconf_rewriter_walk_block_mapping:
 * @slot: the place of a mapping in block style
 * @base: its current value
 * @node: its new value
 *
 * Notes the edits of its pairs. @base isn't empty, and @node is empty only for the root.
 */
void
runconf_rewriter_walk_block_mapping (RunconfRewriter *self, const RunconfSlot *slot,
                                     const RunconfNode *base, const RunconfNode *node)
{
  guint mapping = slot->span;
  guint position = 0, n_kept = 0;
  gboolean has_merge = FALSE;
  Block block;

  block_init (&block, self, mapping);
  if (runconf_node_get_length (node) > 0 && !has_common_key (self, mapping, base, node))
    {
      block_replace_all (&block, mapping, node);
      return;
    }

  for (guint key = mapping + 1; key < self->spans[mapping].next;)
    {
      guint value = self->spans[key].next;
      gboolean is_merge = self->spans[key].is_merge;
      gsize end = runconf_rewriter_get_pair_end (self, key);
      const RunconfNode *child = NULL;

      if (!is_merge)
        child = runconf_rewriter_find_child (base, position, node);
      if (is_merge || child != NULL)
        block_keep (&block, end);
      else
        block_drop (&block, block_find_start (&block), end, key);

      if (is_merge)
        runconf_reuse_note_merged (self->reuse, value);
      has_merge |= is_merge;
      if (child != NULL)
        {
          const RunconfNode *old = runconf_node_get_child (base, position);

          n_kept++;
          if (self->reuse != NULL)
            runconf_reuse_note_key (self->reuse, key,
                                    runconf_mapping_get_key (base, position, NULL));
          if (!runconf_rewriter_is_done (self, value, old, child))
            {
              RunconfSlot below;

              runconf_rewriter_init_key_slot (self, key, block.column, &below);
              runconf_rewriter_walk (self, &below, old, child);
            }
        }
      position += !is_merge;
      block.previous_end = end;
      key = self->spans[value].next;
    }

  if (has_merge)
    runconf_reuse_note_merge (self->reuse, slot, base, node);
  else if (n_kept < runconf_node_get_length (node))
    add_pairs (&block, mapping, base, node);
}

static void
add_item (Block *self, GString *lines, const RunconfNode *item)
{
  runconf_emit_line_start (lines, self->column, &self->rewriter->layout);
  runconf_emit_item (lines, item, self->column, &self->rewriter->layout);
}

/* Inserts the new items before position @end that match no old item. */
static void
add_items (Block *self, const RunconfNode *node, guint *next, guint end)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  gsize room = self->has_kept ? block_find_room (self, self->kept_end) : self->previous_end;

  if (*next < end)
    runconf_rewriter_adapt (self->rewriter, room, self->column);
  for (; *next < end; (*next)++)
    add_item (self, lines, runconf_node_get_child (node, *next));

  if (lines->len > 0 && self->has_kept)
    runconf_splice_insert (self->rewriter->splice, room, lines);
  else if (lines->len > 0)
    {
      self->kept_start = block_find_start (self);
      block_insert_before (self, lines);
    }
}

/**
 * runconf_rewriter_walk_block_sequence:
 * @slot: the place of a sequence in block style
 * @base: its current value
 * @node: its new value; neither is empty
 *
 * Notes the edits of its items.
 */
void
runconf_rewriter_walk_block_sequence (RunconfRewriter *self, const RunconfSlot *slot,
                                      const RunconfNode *base, const RunconfNode *node)
{
  g_autoptr (GArray) matches = runconf_match_items (base, node);
  guint item = slot->span + 1;
  guint next = 0;
  Block block;

  block_init (&block, self, slot->span);
  for (guint i = 0; i < matches->len; i++, item = self->spans[item].next)
    {
      guint match = g_array_index (matches, guint, i);
      gsize end = self->spans[item].end;
      gsize dash = block_find_start (&block);

      if (match == RUNCONF_NO_MATCH)
        {
          block_drop (&block, dash, end, 0);
        }
      else
        {
          RunconfSlot below = { .kind = RUNCONF_SLOT_ITEM,
                                .has_sign = TRUE,
                                .span = item,
                                .lead = dash + 1,
                                .column = block.column };

          add_items (&block, node, &next, match);
          next = match + 1;
          block_keep (&block, end);
          runconf_rewriter_walk (self, &below, runconf_node_get_child (base, i),
                                 runconf_node_get_child (node, match));
        }
      block.previous_end = end;
    }

  add_items (&block, node, &next, runconf_node_get_length (node));
}
