/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/rewriter.h"

#include <string.h>

#include "yaml/lines.h"
#include "yaml/span.h"

/* The deepest indentation that the header of a block scalar can give. */
#define MAX_DEEPER 9

/* Replaces a value. A value in block style has a head, the part on the line of its key or dash, and
 * a tail, the lines below. Between the two there may be a comment, which belongs to the key:
 *
 *   certificate: |  # of 2024      limits:  # for guests
 *     MIIB...                        cpu: 2
 *
 * So head and tail are replaced separately, and the comment stays.
 */
typedef struct
{
  gsize start;
  gsize end;
} Range;

typedef struct
{
  Range head;
  Range tail;
  gboolean is_on_line; /* whether the value begins on the line of its key or dash */
} Extent;

static gboolean
is_block_scalar (const RunconfSpan *span)
{
  return span->kind == RUNCONF_SPAN_SCALAR
         && (span->style == RUNCONF_STYLE_LITERAL || span->style == RUNCONF_STYLE_FOLDED);
}

static gboolean
is_block_collection (const RunconfSpan *span)
{
  return span->style == RUNCONF_STYLE_BLOCK;
}

/* Appends the anchor of the value, since an alias below may need it. The tag is dropped with the
 * value: the new value has its own.
 */
static void
append_anchor (const RunconfRewriter *self, guint span, GString *out)
{
  gsize at = self->spans[span].start;
  gsize content = runconf_rewriter_get_content (self, span);

  while (at < content)
    {
      if (self->text.data[at] == '&')
        {
          g_string_append_len (out, self->text.data + at,
                               runconf_span_find_name_end (&self->text, at) - at);
          return;
        }
      at = runconf_lines_skip_gap (&self->text,
                                   runconf_lines_find_any (&self->text, at, " \t\r\n"));
    }
}

/* Returns: the end of the anchor and the tag, as far as they are on the line of the first of them
 */
static gsize
find_properties_end (const RunconfRewriter *self, guint span)
{
  gsize end = runconf_rewriter_get_content (self, span);
  gsize at = self->spans[span].start;
  gsize last = at;

  while (at < end && (self->text.data[at] == '&' || self->text.data[at] == '!'))
    {
      last = runconf_lines_find_any (&self->text, at, " \t\r\n");
      at = runconf_lines_skip_blanks (&self->text, last);
    }

  return MIN (last, end);
}

static gsize
find_header_end (const RunconfRewriter *self, guint span)
{
  return runconf_lines_skip_any (&self->text, runconf_rewriter_get_content (self, span),
                                 "|>+-123456789");
}

static void
init_extent (const RunconfRewriter *self, const RunconfSlot *slot, gboolean is_new_block,
             Extent *extent)
{
  const RunconfSpan *span = &self->spans[slot->span];
  gsize content = runconf_rewriter_get_content (self, slot->span);
  gsize lead_end = runconf_lines_find_end (&self->text, slot->lead);
  gsize last = runconf_lines_find_end (&self->text, span->end);

  extent->is_on_line = lead_end >= span->start;
  extent->head = (Range){ span->start, span->end };
  extent->tail = (Range){ last, last };

  if (is_block_scalar (span))
    {
      extent->head.end = find_header_end (self, slot->span);
      extent->tail.start = runconf_lines_find_end (&self->text, extent->head.end);
      extent->tail.end = MAX (extent->tail.start, span->end);
    }
  else if (is_block_collection (span) && content <= lead_end)
    {
      extent->head.end = last;
    }
  else if (is_block_collection (span) || (is_new_block && !extent->is_on_line))
    {
      extent->head = (Range){ slot->lead, slot->lead };
      if (span->properties > 0 && extent->is_on_line)
        extent->head = (Range){ span->start, find_properties_end (self, slot->span) };
      extent->tail.start = lead_end;
      /* comments before a value that is no collection describe its key */
      if (!is_block_collection (span))
        extent->tail.start = runconf_lines_find_previous_end (&self->text, span->start);
    }
}

/* Returns: the column of a block collection: the old column if the old value is of the same kind */
static guint
get_block_column (const RunconfRewriter *self, const RunconfSlot *slot, const RunconfNode *node)
{
  const RunconfSpan *span = &self->spans[slot->span];
  gboolean is_mapping = runconf_node_is_mapping (node);

  if (slot->kind == RUNCONF_SLOT_ROOT)
    return 0;
  if (is_block_collection (span) && is_mapping == (span->kind == RUNCONF_SPAN_MAPPING))
    return runconf_lines_get_column (&self->text, runconf_rewriter_get_content (self, slot->span));
  if (slot->kind == RUNCONF_SLOT_ITEM)
    return slot->column + 2;

  return slot->column + (is_mapping ? self->layout.mapping_indent : self->layout.sequence_indent);
}

/* Returns: the column of the lines of a block scalar: the old column if it has lines */
static guint
get_lines_column (const RunconfRewriter *self, const RunconfSlot *slot)
{
  const RunconfSpan *span = &self->spans[slot->span];
  gsize line;

  if (is_block_scalar (span))
    {
      gsize header_end = find_header_end (self, slot->span);

      for (gsize i = runconf_rewriter_get_content (self, slot->span); i < header_end; i++)
        {
          if (g_ascii_isdigit (self->text.data[i]))
            return slot->column + g_ascii_digit_value (self->text.data[i]);
        }

      for (line = runconf_lines_find_next (&self->text, header_end); line < span->end;
           line = runconf_lines_find_next (&self->text, line))
        {
          gsize content = runconf_lines_skip_any (&self->text, line, " ");
          gsize n_spaces = content - line;

          if (content < runconf_lines_find_end (&self->text, line) && n_spaces > slot->column
              && n_spaces <= slot->column + MAX_DEEPER)
            return n_spaces;
        }
    }

  return slot->column + self->layout.mapping_indent;
}

static gboolean
is_rest_blank (const RunconfRewriter *self, gsize offset)
{
  return runconf_lines_skip_blanks (&self->text, offset)
         == runconf_lines_find_end (&self->text, offset);
}

/* Returns: whether a block collection begins on the line of the head. An item begins on the line of
 * its dash, and the root where it was, unless that line has other content.
 */
static gboolean
begins_on_line (const RunconfRewriter *self, const RunconfSlot *slot, const Extent *extent,
                const GString *anchor)
{
  if (anchor->len > 0 || !is_rest_blank (self, extent->head.end))
    return FALSE;
  if (slot->kind == RUNCONF_SLOT_ROOT)
    return runconf_lines_get_column (&self->text, extent->head.start) == 0;

  return slot->kind == RUNCONF_SLOT_ITEM
         && (extent->is_on_line || extent->head.start == slot->lead);
}

static void
add_word (GString *out, const GString *word)
{
  if (out->len > 0 && word->len > 0)
    g_string_append_c (out, ' ');
  g_string_append_len (out, word->str, word->len);
}

/* The tag of a value on one line is written with the value. */
static void
add_tag (GString *head)
{
  g_autoptr (GString) tag = g_string_new (RUNCONF_TAG_KEY_REPLACE);

  add_word (head, tag);
}

static void
write_new (RunconfRewriter *self, const RunconfSlot *slot, const RunconfNode *node,
           RunconfSpanStyle style, RunconfSpanStyle like, const Extent *extent, GString *head,
           GString *tail)
{
  GString *word = g_string_truncate (self->word, 0);
  guint column;

  switch (style)
    {
    case RUNCONF_STYLE_BLOCK:
      column = get_block_column (self, slot, node);
      if (begins_on_line (self, slot, extent, head))
        {
          runconf_emit_block (word, node, column, &self->layout);
          break;
        }
      runconf_emit_line_start (tail, column, &self->layout);
      runconf_emit_block (tail, node, column, &self->layout);
      break;
    case RUNCONF_STYLE_LITERAL:
    case RUNCONF_STYLE_FOLDED:
      column = get_lines_column (self, slot);
      runconf_emit_block_scalar_header (word, node, style, column - slot->column);
      runconf_emit_block_scalar_lines (tail, node, style, column, &self->layout);
      break;
    default:
      runconf_emit_inline (word, node, like, RUNCONF_PLACE_LINE);
      break;
    }

  add_word (head, word);
}

/* Adds the value of a key in explicit form that has none yet. */
static void
add_value (RunconfRewriter *self, const RunconfSlot *slot, const RunconfNode *node)
{
  g_autoptr (GString) out = g_string_new (NULL);

  runconf_emit_line_start (out, slot->column, &self->layout);
  g_string_append_c (out, ':');
  runconf_emit_value (out, node, slot->column, &self->layout);
  runconf_splice_insert (self->splice, runconf_lines_find_end (&self->text, slot->lead), out);
}

/* Moves the comment after a value on a line of its own to a line before the new value. */
static void
append_comment (const RunconfRewriter *self, const RunconfSlot *slot, const RunconfNode *node,
                GString *tail)
{
  gsize end = self->spans[slot->span].end;
  gsize comment = runconf_lines_skip_blanks (&self->text, end);

  if (comment == runconf_lines_find_end (&self->text, end))
    return;

  runconf_emit_line_start (tail, get_block_column (self, slot, node), &self->layout);
  g_string_append_len (tail, self->text.data + comment,
                       runconf_lines_find_end (&self->text, end) - comment);
}

/* Returns: the end of the colon, the dash or the document marker before a value on its line */
static gsize
find_sign (const RunconfRewriter *self, const RunconfSlot *slot)
{
  gsize offset = slot->lead;

  if (slot->kind != RUNCONF_SLOT_ROOT)
    return offset;
  while (offset > 0 && (self->text.data[offset - 1] == ' ' || self->text.data[offset - 1] == '\t'))
    offset--;

  return offset;
}

/* Clears the head if only a comment stays on its line. The braces of an empty root are removed with
 * the blanks after them. After a dash, and after a colon that begins a line, a tab would be parsed
 * as indentation.
 */
static void
clear_head (const RunconfRewriter *self, const RunconfSlot *slot, Extent *extent, GString *head)
{
  gsize comment = runconf_lines_skip_blanks (&self->text, extent->head.end);

  if (extent->is_on_line)
    extent->head.start = find_sign (self, slot);
  if (runconf_lines_get_column (&self->text, extent->head.start) == 0)
    {
      extent->head.end = comment;
      return;
    }

  if (extent->head.end == comment || self->text.data[extent->head.end] != '\t'
      || (slot->kind == RUNCONF_SLOT_KEY && !runconf_lines_is_first (&self->text, slot->lead - 1)))
    return;
  extent->head.end = comment;
  if (comment < runconf_lines_find_end (&self->text, comment))
    g_string_append_c (head, ' ');
}

static void
replace_in_block (RunconfRewriter *self, const RunconfSlot *slot, const RunconfNode *node)
{
  const RunconfSpan *span = &self->spans[slot->span];
  RunconfSpanStyle like = span->kind == RUNCONF_SPAN_SCALAR ? span->style : RUNCONF_STYLE_PLAIN;
  GString *head = g_string_truncate (self->head, 0);
  GString *tail = g_string_truncate (self->tail, 0);
  RunconfSpanStyle style;
  Extent extent;

  runconf_rewriter_adapt (self, span->end, slot->column);
  /* a rewrite around it may leave a comment there, which a block scalar would absorb */
  self->layout.no_block_scalars |= runconf_rewriter_is_fresh (self, slot->span);
  style = runconf_emit_choose (node, like, &self->layout);
  init_extent (self, slot, style == RUNCONF_STYLE_BLOCK, &extent);
  append_anchor (self, slot->span, head);
  if (style == RUNCONF_STYLE_BLOCK && !extent.is_on_line && !is_block_collection (span)
      && !is_block_scalar (span))
    append_comment (self, slot, node, tail);
  if (style == RUNCONF_STYLE_BLOCK && runconf_node_is_replacing (node))
    add_tag (head);
  write_new (self, slot, node, style, like, &extent, head, tail);

  if (head->len == 0)
    clear_head (self, slot, &extent, head);
  else if (extent.head.start == slot->lead && slot->kind != RUNCONF_SLOT_ROOT)
    g_string_prepend_c (head, ' ');
  runconf_splice_replace (self->splice, extent.head.start, extent.head.end, head->str, head->len);
  runconf_splice_replace (self->splice, extent.tail.start, extent.tail.end, tail->str, tail->len);
}

static void
replace_in_flow (RunconfRewriter *self, const RunconfSlot *slot, const RunconfNode *node)
{
  const RunconfSpan *span = &self->spans[slot->span];
  RunconfSpanStyle like = slot->like;
  GString *out = g_string_truncate (self->head, 0);
  GString *word = g_string_truncate (self->word, 0);
  gsize end = span->end;

  if (span->kind == RUNCONF_SPAN_SCALAR && span->style != RUNCONF_STYLE_PLAIN
      && runconf_node_get_length (node) == 0)
    like = span->style;
  append_anchor (self, slot->span, out);
  runconf_emit_inline (word, node, like, RUNCONF_PLACE_FLOW);
  add_word (out, word);

  if (slot->has_sign && span->start == slot->lead && span->start == span->end)
    g_string_prepend_c (out, ' ');
  else if (!slot->has_sign && span->start == span->end)
    g_string_prepend (out, ": ");
  if (span->start == span->end
      && self->text.data[runconf_lines_skip_blanks (&self->text, end)] == ',')
    end = runconf_lines_skip_blanks (&self->text, end);
  runconf_splice_replace (self->splice, span->start, end, out->str, out->len);
}

/**
 * runconf_rewriter_replace:
 * @slot: the place of a value
 * @node: its new value
 *
 * Notes that a value is written anew, in the style of the old one and of the text around it.
 */
void
runconf_rewriter_replace (RunconfRewriter *self, const RunconfSlot *slot, const RunconfNode *node)
{
  if (slot->kind == RUNCONF_SLOT_FLOW)
    replace_in_flow (self, slot, node);
  else if (slot->kind == RUNCONF_SLOT_KEY && !slot->has_sign)
    add_value (self, slot, node);
  else
    replace_in_block (self, slot, node);
}

/**
 * runconf_rewriter_strip_last:
 *
 * Has to be called after all other edits are noted. If lines are inserted after a block scalar that
 * ended with the text, without a line break, the scalar gets a line break; its header is changed to
 * exclude that break from the value.
 */
void
runconf_rewriter_strip_last (RunconfRewriter *self)
{
  guint last = self->n_spans - 1;
  const RunconfSpan *span = &self->spans[last];
  gsize header = runconf_rewriter_get_content (self, last);
  gsize header_end;
  g_autoptr (GString) out = NULL;

  if (!is_block_scalar (span) || span->end < self->text.length
      || !runconf_splice_has_insertion (self->splice, span->end)
      || runconf_splice_touches (self->splice, span->start, span->end))
    return;

  header_end = find_header_end (self, last);
  if (memchr (self->text.data + header, '-', header_end - header) != NULL)
    return;

  out = g_string_new_len (self->text.data + header, header_end - header);
  g_string_replace (out, "+", "", 1);
  g_string_append_c (out, '-');
  runconf_splice_replace (self->splice, header, header_end, out->str, out->len);
}
