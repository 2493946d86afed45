/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/rewriter.h"

#include <string.h>

#include "core/mapping.h"
#include "yaml/lines.h"

/* The limits of the indentation that is learned from the text. */
#define UNKNOWN G_MAXUINT
#define MAX_INDENT 9

static guint
get_column (const RunconfRewriter *self, guint span)
{
  return runconf_lines_get_column (&self->text, runconf_rewriter_get_content (self, span));
}

static gboolean
is_block (const RunconfSpan *span)
{
  return (span->kind == RUNCONF_SPAN_MAPPING || span->kind == RUNCONF_SPAN_SEQUENCE)
         && span->style == RUNCONF_STYLE_BLOCK;
}

/* Takes the layout from the first mapping and the first sequence below a key. */
static void
learn_layout (RunconfRewriter *self)
{
  guint mapping_indent = UNKNOWN, sequence_indent = UNKNOWN;

  for (guint i = 0; i < self->n_spans && (mapping_indent == UNKNOWN || sequence_indent == UNKNOWN);
       i++)
    {
      if (self->spans[i].kind != RUNCONF_SPAN_MAPPING || !is_block (&self->spans[i]))
        continue;
      for (guint key = i + 1; key < self->spans[i].next;)
        {
          guint value = self->spans[key].next;
          guint *indent = self->spans[value].kind == RUNCONF_SPAN_MAPPING ? &mapping_indent
                                                                          : &sequence_indent;

          if (is_block (&self->spans[value]) && *indent == UNKNOWN)
            *indent = get_column (self, value) - get_column (self, i);
          key = self->spans[value].next;
        }
    }

  if (mapping_indent >= 1 && mapping_indent <= MAX_INDENT)
    self->layout.mapping_indent = mapping_indent;
  if (sequence_indent <= MAX_INDENT)
    self->layout.sequence_indent = sequence_indent;
}

/**
 * runconf_rewriter_get_content:
 *
 * Returns: the offset of a value, after its anchor and tag
 */
gsize
runconf_rewriter_get_content (const RunconfRewriter *self, guint span)
{
  return self->spans[span].start + self->spans[span].properties;
}

/**
 * runconf_rewriter_get_pair_end:
 *
 * Returns: the end of a key and its value
 */
gsize
runconf_rewriter_get_pair_end (const RunconfRewriter *self, guint key)
{
  return MAX (self->spans[key].end, self->spans[self->spans[key].next].end);
}

/**
 * runconf_rewriter_find_pair_start:
 * @mapping: a mapping in block style
 * @key: the span of one of its keys
 *
 * Returns: the start of the pair, with its question mark if it has one
 */
gsize
runconf_rewriter_find_pair_start (const RunconfRewriter *self, guint mapping, guint key)
{
  gsize previous_end = runconf_rewriter_get_content (self, mapping);

  for (guint other = mapping + 1; other < key; other = self->spans[self->spans[other].next].next)
    previous_end = runconf_rewriter_get_pair_end (self, other);

  return runconf_lines_skip_gap (&self->text, previous_end);
}

/**
 * runconf_rewriter_init_key_slot:
 * @key: the span of a key
 * @column: the column of its mapping
 * @slot: (out): the place of its value
 */
void
runconf_rewriter_init_key_slot (const RunconfRewriter *self, guint key, guint column,
                                RunconfSlot *slot)
{
  guint value = self->spans[key].next;
  gsize sign = runconf_lines_skip_gap (&self->text, self->spans[key].end);

  *slot = (RunconfSlot){ .kind = RUNCONF_SLOT_KEY, .span = value, .column = column };
  slot->has_sign = sign < self->spans[value].start && self->text.data[sign] == ':';
  slot->lead = slot->has_sign ? sign + 1 : self->spans[key].end;
}

/**
 * runconf_rewriter_find_child:
 * @base: a mapping
 * @position: the position of a key in @base
 * @node: another mapping, in which that key probably has the same position
 *
 * Returns: (nullable): the value of that key in @node
 */
const RunconfNode *
runconf_rewriter_find_child (const RunconfNode *base, guint position, const RunconfNode *node)
{
  gsize length, other_length;
  const char *key = runconf_mapping_get_key (base, position, &length);
  const char *other;

  if (position < runconf_node_get_length (node))
    {
      other = runconf_mapping_get_key (node, position, &other_length);
      if (other == key || (length == other_length && memcmp (key, other, length) == 0))
        return runconf_node_get_child (node, position);
    }

  return runconf_mapping_get (node, key);
}

gboolean
runconf_rewriter_is_fresh (const RunconfRewriter *self, guint span)
{
  return self->fresh != NULL && g_hash_table_contains (self->fresh, GUINT_TO_POINTER (span));
}

/**
 * runconf_rewriter_is_done:
 *
 * Returns: whether a quick check shows that nothing at or below a span changes
 */
gboolean
runconf_rewriter_is_done (const RunconfRewriter *self, guint span, const RunconfNode *base,
                          const RunconfNode *node)
{
  if (self->reuse != NULL || self->fresh != NULL)
    return FALSE;
  if (base == node)
    return TRUE;

  return self->spans[span].kind == RUNCONF_SPAN_SCALAR && runconf_node_equal (base, node);
}

static gboolean
is_same_kind (const RunconfNode *base, const RunconfNode *node)
{
  return runconf_node_is_mapping (base) == runconf_node_is_mapping (node)
         && runconf_node_is_replacing (base) == runconf_node_is_replacing (node);
}

/* Returns: whether the collection is edited rather than written anew. The root stays a block
 * mapping even if it loses all its keys, to keep its comments.
 */
static gboolean
is_same_collection (const RunconfSlot *slot, const RunconfSpan *span, const RunconfNode *base,
                    const RunconfNode *node)
{
  if (runconf_node_get_length (base) == 0
      || (runconf_node_get_length (node) == 0
          && (slot->kind != RUNCONF_SLOT_ROOT || !is_block (span))))
    return FALSE;

  return is_same_kind (base, node);
}

/**
 * runconf_rewriter_walk:
 * @slot: the place of the value
 * @base: its current value
 * @node: its new value
 *
 * Notes the edits of a value and of the values below it.
 */
void
runconf_rewriter_walk (RunconfRewriter *self, const RunconfSlot *slot, const RunconfNode *base,
                       const RunconfNode *node)
{
  const RunconfSpan *span = &self->spans[slot->span];
  gboolean is_fresh = runconf_rewriter_is_fresh (self, slot->span);

  if (self->reuse != NULL)
    runconf_reuse_note (self->reuse, slot, base, node);
  if (span->kind == RUNCONF_SPAN_ALIAS)
    return;

  if (!is_fresh && runconf_node_get_length (base) == 0 && runconf_node_get_length (node) > 0
      && span->style == RUNCONF_STYLE_FLOW && is_same_kind (base, node)
      && runconf_rewriter_fill_flow (self, slot->span, node))
    return;

  if (!is_fresh && is_same_collection (slot, span, base, node))
    {
      if (span->style == RUNCONF_STYLE_FLOW)
        runconf_rewriter_walk_flow (self, slot, base, node);
      else if (span->kind == RUNCONF_SPAN_MAPPING)
        runconf_rewriter_walk_block_mapping (self, slot, base, node);
      else
        runconf_rewriter_walk_block_sequence (self, slot, base, node);
    }
  else if (is_fresh || !runconf_node_equal (base, node))
    {
      runconf_rewriter_replace (self, slot, node);
    }
}

/**
 * runconf_rewriter_adapt:
 * @offset: where lines are to be inserted, at the end of its line
 * @column: the column of the collection that they belong to
 *
 * Adapts the layout to the lines that will follow. A deeper comment, or an empty line, would become
 * part of a block scalar at the end of the inserted lines, and at the end of the text the scalar
 * would lack its last line break.
 */
void
runconf_rewriter_adapt (RunconfRewriter *self, gsize offset, guint column)
{
  const RunconfText *text = &self->text;
  gsize line = runconf_lines_find_next (text, offset);

  self->layout.no_block_scalars = FALSE;
  self->layout.no_kept_lines = FALSE;
  self->layout.no_line_end = runconf_lines_find_end (text, offset) == text->length;
  while (line < text->length)
    {
      gsize content = runconf_lines_skip_blanks (text, line);

      if (content < runconf_lines_find_end (text, line))
        {
          self->layout.no_block_scalars = text->data[content] == '#' && content - line > column;
          return;
        }
      self->layout.no_kept_lines = TRUE;
      line = runconf_lines_find_next (text, line);
    }
}

/* Returns: the end of a document without content: before the end marker, if it has one */
static gsize
find_document_end (const RunconfText *text)
{
  gsize line = runconf_text_get_bom_length (text);

  while (line < text->length)
    {
      if (runconf_lines_find_end (text, line) - line >= 3
          && memcmp (text->data + line, "...", 3) == 0)
        return line;
      line = runconf_lines_find_next (text, line);
    }

  return line;
}

/* Adds the pairs to a document that has only comments: after the comments, and before an end
 * marker.
 */
static void
fill_empty (RunconfRewriter *self, const RunconfNode *root)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gsize end = find_document_end (&self->text);

  if (runconf_node_get_length (root) == 0)
    return;

  if (end > runconf_text_get_bom_length (&self->text)
      && runconf_lines_find_start (&self->text, end) < end)
    g_string_append (out, self->layout.line_end);
  runconf_emit_block (out, root, 0, &self->layout);
  g_string_append (out, self->layout.line_end);
  runconf_splice_insert (self->splice, end, out);
}

/**
 * runconf_rewriter_run:
 * @base: a document
 * @root: the mapping that the new text has to yield
 * @fresh: (nullable): the indices of spans that are written anew
 *
 * Generates the new text, with as few changes as possible. Doesn't check that it yields @root.
 *
 * Returns: (transfer full): the new text
 */
GBytes *
runconf_rewriter_run (RunconfDocument *base, const RunconfNode *root, GHashTable *fresh)
{
  g_autoptr (GString) head = g_string_new (NULL);
  g_autoptr (GString) tail = g_string_new (NULL);
  g_autoptr (GString) word = g_string_new (NULL);
  RunconfRewriter self = {
    .layout = RUNCONF_LAYOUT_DEFAULT, .fresh = fresh, .head = head, .tail = tail, .word = word
  };
  RunconfSlot slot = { .kind = RUNCONF_SLOT_ROOT };
  GBytes *text;

  self.text.data = g_bytes_get_data (runconf_document_get_text (base), &self.text.length);
  if (self.text.data == NULL)
    self.text.data = "";
  self.spans = runconf_document_get_spans (base, &self.n_spans);
  self.splice = runconf_splice_new (&self.text);
  self.layout.line_end = runconf_lines_get_break (&self.text);

  if (runconf_document_is_empty (base))
    {
      fill_empty (&self, root);
    }
  else
    {
      learn_layout (&self);
      self.reuse = runconf_reuse_new (&self);
      slot.lead = self.spans[0].start;
      runconf_rewriter_walk (&self, &slot, runconf_document_get_root (base), root);
      if (self.reuse != NULL)
        runconf_reuse_finish (self.reuse, &self);
      runconf_rewriter_strip_last (&self);
    }

  text = runconf_splice_is_empty (self.splice) ? g_bytes_ref (runconf_document_get_text (base))
                                               : runconf_splice_apply (self.splice);
  g_clear_pointer (&self.reuse, runconf_reuse_free);
  runconf_splice_free (self.splice);

  return text;
}
