/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/rewriter.h"

#include <string.h>

#include "core/mapping.h"
#include "yaml/lines.h"

/* Inserts and removes members of collections in brackets, which are pairs or items, together with
 * their commas, and with their lines if each member has lines of its own.
 */
typedef struct
{
  gsize start;       /* with its question mark, if it has one */
  gsize end;         /* without its comma */
  gsize after;       /* after its comma, or @end if it has none */
  gboolean stays;    /* else it is removed */
  gboolean has_line; /* whether it has lines of its own */
} Member;

/* A member to be inserted. */
typedef struct
{
  guint place; /* the number of old members before it */
  GString *text;
} Newcomer;

typedef struct
{
  RunconfRewriter *rewriter;
  guint span;
  RunconfSpanStyle like;
  GArray *members;   /* of Member */
  GArray *newcomers; /* of Newcomer */
} Flow;

/* If strings are double-quoted, as in JSON, new ones are too, so that JSON stays JSON. */
static RunconfSpanStyle
choose_like (const RunconfRewriter *self, const RunconfSlot *slot)
{
  const RunconfSpan *first = &self->spans[slot->span + 1];

  if (first->kind == RUNCONF_SPAN_SCALAR && first->style == RUNCONF_STYLE_DOUBLE_QUOTED)
    return RUNCONF_STYLE_DOUBLE_QUOTED;

  return slot->kind == RUNCONF_SLOT_FLOW ? slot->like : RUNCONF_STYLE_PLAIN;
}

static void
newcomer_clear (gpointer data)
{
  Newcomer *newcomer = data;

  g_string_free (newcomer->text, TRUE);
}

static int
newcomer_compare (gconstpointer a, gconstpointer b)
{
  const Newcomer *one = a;
  const Newcomer *other = b;

  return one->place < other->place ? -1 : one->place > other->place;
}

static void
flow_init (Flow *self, RunconfRewriter *rewriter, const RunconfSlot *slot)
{
  self->rewriter = rewriter;
  self->span = slot->span;
  self->like = choose_like (rewriter, slot);
  self->members = g_array_new (FALSE, TRUE, sizeof (Member));
  self->newcomers = g_array_new (FALSE, FALSE, sizeof (Newcomer));
  g_array_set_clear_func (self->newcomers, newcomer_clear);
}

static void
flow_clear (Flow *self)
{
  g_array_unref (self->members);
  g_array_unref (self->newcomers);
}

static Member *
flow_get (const Flow *self, guint position)
{
  return &g_array_index (self->members, Member, position);
}

/* Returns: whether the mapping has no braces, as in `[key: value]` */
static gboolean
is_lone (const RunconfRewriter *self, guint span)
{
  return strchr ("[{", self->text.data[runconf_rewriter_get_content (self, span)]) == NULL;
}

static gboolean
has_comma (const Member *member)
{
  return member->after > member->end;
}

static void
flow_add_member (Flow *self, gsize end, gboolean stays)
{
  const RunconfText *text = &self->rewriter->text;
  guint n = self->members->len;
  gsize from = n > 0 ? flow_get (self, n - 1)->after
                     : runconf_rewriter_get_content (self->rewriter, self->span) + 1;
  Member member = { .end = end, .stays = stays };
  gsize next = runconf_lines_skip_gap (text, end);

  member.start = runconf_lines_skip_gap (text, from);
  member.after = next < text->length && text->data[next] == ',' ? next + 1 : end;
  member.has_line
      = runconf_lines_is_first (text, member.start) && runconf_lines_is_last (text, member.after);
  g_array_append_val (self->members, member);
}

static void
flow_insert (Flow *self, guint place, GString *text)
{
  Newcomer newcomer = { place, text };

  g_array_append_val (self->newcomers, newcomer);
}

static const GString *
flow_get_new (const Flow *self, guint position)
{
  return g_array_index (self->newcomers, Newcomer, position).text;
}

static gsize
find_line_end (const Flow *self, const Member *member)
{
  return runconf_lines_find_end (&self->rewriter->text, member->after);
}

/* Removes a member, with the comma after it or, if no later member stays, the comma before it. */
static void
flow_drop (const Flow *self, guint position, gboolean is_behind_last)
{
  const RunconfText *text = &self->rewriter->text;
  RunconfSplice *splice = self->rewriter->splice;
  const Member *member = flow_get (self, position);
  gsize start = member->start;
  gsize next;

  if (member->has_line)
    {
      runconf_splice_remove (splice, runconf_lines_find_previous_end (text, member->start),
                             find_line_end (self, member));
      return;
    }
  if (is_behind_last)
    {
      runconf_splice_remove (splice, flow_get (self, position - 1)->end, member->end);
      return;
    }

  next = flow_get (self, position + 1)->start;
  if (runconf_lines_have_break (text, member->after, next))
    {
      next = member->after;
      while (text->data[start - 1] == ' ' || text->data[start - 1] == '\t')
        start--;
    }
  runconf_splice_remove (splice, start, next);
}

/* Begins a line with the same indentation as that of @like, tabs included. */
static void
append_break (const Flow *self, const Member *like, GString *out)
{
  const RunconfText *text = &self->rewriter->text;
  gsize start = runconf_lines_find_start (text, like->start);

  g_string_append (out, self->rewriter->layout.line_end);
  g_string_append_len (out, text->data + start, like->start - start);
}

/* Inserts new members after @member, which stays. @ends_in_comma: whether the last of them has a
 * comma
 */
static void
flow_write_behind (const Flow *self, const Member *member, guint from, guint to,
                   gboolean ends_in_comma)
{
  RunconfSplice *splice = self->rewriter->splice;
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = from; i < to; i++)
    {
      const GString *text = flow_get_new (self, i);

      if (member->has_line)
        append_break (self, member, out);
      else
        g_string_append (out, ", ");
      g_string_append_len (out, text->str, text->len);
      if (member->has_line && (i + 1 < to || ends_in_comma))
        g_string_append_c (out, ',');
    }

  if (member->has_line && !has_comma (member))
    runconf_splice_replace (splice, member->end, member->end, ",", 1);
  runconf_splice_insert (splice, member->has_line ? find_line_end (self, member) : member->end,
                         out);
}

/* Inserts new members before @member, the first one that stays. */
static void
flow_write_before (const Flow *self, const Member *member, guint to)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < to; i++)
    {
      const GString *text = flow_get_new (self, i);

      g_string_append_len (out, text->str, text->len);
      g_string_append (out, member->has_line ? "," : ", ");
      if (member->has_line)
        append_break (self, member, out);
    }
  runconf_splice_insert (self->rewriter->splice, member->start, out);
}

/* Replaces all members by the new ones, since none stays. */
static void
flow_replace_all (const Flow *self)
{
  const Member *last = flow_get (self, self->members->len - 1);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < self->newcomers->len; i++)
    {
      const GString *text = flow_get_new (self, i);

      if (i > 0)
        g_string_append (out, ", ");
      g_string_append_len (out, text->str, text->len);
    }
  runconf_splice_replace (self->rewriter->splice, flow_get (self, 0)->start, last->end, out->str,
                          out->len);
}

/* Returns: the position of the last member that stays, the number of members if none does */
static guint
find_last_staying (const Flow *self)
{
  for (guint i = self->members->len; i > 0; i--)
    {
      if (flow_get (self, i - 1)->stays)
        return i - 1;
    }

  return self->members->len;
}

static void
flow_write (const Flow *self)
{
  guint last = find_last_staying (self);
  gboolean has_final_comma;
  gboolean is_first = TRUE;
  guint n_written = 0;

  if (last == self->members->len)
    {
      flow_replace_all (self);
      return;
    }

  has_final_comma = has_comma (flow_get (self, self->members->len - 1));
  g_array_sort (self->newcomers, newcomer_compare);
  for (guint i = 0; i < self->members->len; i++)
    {
      const Member *member = flow_get (self, i);
      guint end = n_written;
      guint next = i + 1;

      if (!member->stays)
        {
          flow_drop (self, i, i > last);
          continue;
        }

      while (end < self->newcomers->len
             && g_array_index (self->newcomers, Newcomer, end).place <= i)
        end++;
      if (is_first && end > 0)
        {
          flow_write_before (self, member, end);
          n_written = end;
        }
      is_first = FALSE;

      /* all new members up to the next one that stays */
      while (next < self->members->len && !flow_get (self, next)->stays)
        next++;
      while (end < self->newcomers->len
             && (i == last || g_array_index (self->newcomers, Newcomer, end).place <= next))
        end++;
      if (end > n_written)
        flow_write_behind (self, member, n_written, end, i < last || has_final_comma);
      else if (i == last && i + 1 < self->members->len && !has_final_comma
               && flow_get (self, i + 1)->has_line)
        runconf_splice_remove (self->rewriter->splice, member->after - 1, member->after);
      n_written = end;
    }
}

static void
init_member_slot (const Flow *self, guint key, guint value, RunconfSlot *slot)
{
  if (key != value)
    runconf_rewriter_init_key_slot (self->rewriter, key, 0, slot);
  else
    *slot = (RunconfSlot){ .span = value, .lead = self->rewriter->spans[value].start };
  slot->kind = RUNCONF_SLOT_FLOW;
  slot->like = self->like;
  if (key == value)
    slot->has_sign = TRUE;
}

static void
walk_member (Flow *self, guint key, guint value, const RunconfNode *base, const RunconfNode *node)
{
  RunconfSlot slot;

  if (runconf_rewriter_is_done (self->rewriter, value, base, node))
    return;

  init_member_slot (self, key, value, &slot);
  runconf_rewriter_walk (self->rewriter, &slot, base, node);
}

/* Returns: the number of members before a new one that follows the key @previous in the tree */
static guint
find_place (const RunconfNode *base, const char *previous)
{
  guint place = 0;

  while (strcmp (runconf_mapping_get_key (base, place, NULL), previous) != 0)
    place++;

  return place + 1;
}

static void
insert_pairs (Flow *self, const RunconfNode *base, const RunconfNode *node)
{
  guint place = self->members->len;
  const char *previous = NULL;

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      const char *key = runconf_mapping_get_key (node, i, NULL);
      GString *out;

      if (runconf_mapping_get (base, key) != NULL)
        {
          previous = key;
          continue;
        }

      if (previous != NULL)
        place = find_place (base, g_steal_pointer (&previous));
      out = g_string_new (NULL);
      runconf_emit_inline_pair (out, node, i, self->like);
      flow_insert (self, place, out);
    }
}

static void
walk_mapping (Flow *self, const RunconfSlot *slot, const RunconfNode *base, const RunconfNode *node)
{
  RunconfRewriter *rewriter = self->rewriter;
  guint position = 0, n_kept = 0;
  gboolean has_merge = FALSE;

  for (guint key = slot->span + 1; key < rewriter->spans[slot->span].next;)
    {
      guint value = rewriter->spans[key].next;
      gboolean is_merge = rewriter->spans[key].is_merge;
      const RunconfNode *child = NULL;

      if (!is_merge)
        child = runconf_rewriter_find_child (base, position, node);
      flow_add_member (self, runconf_rewriter_get_pair_end (rewriter, key),
                       is_merge || child != NULL);
      if (child != NULL)
        {
          n_kept++;
          if (rewriter->reuse != NULL)
            runconf_reuse_note_key (rewriter->reuse, key,
                                    runconf_mapping_get_key (base, position, NULL));
          walk_member (self, key, value, runconf_node_get_child (base, position), child);
        }
      if (is_merge)
        runconf_reuse_note_merged (rewriter->reuse, value);
      has_merge |= is_merge;
      position += !is_merge;
      key = rewriter->spans[value].next;
    }

  if (has_merge)
    {
      runconf_reuse_note_merge (rewriter->reuse, slot, base, node);
      if (n_kept == position)
        return;
    }
  else if (n_kept < runconf_node_get_length (node))
    {
      insert_pairs (self, base, node);
    }

  if (n_kept < position || self->newcomers->len > 0)
    flow_write (self);
}

/**
 * runconf_rewriter_drop_flow_merge:
 * @slot: the place of a mapping in braces that has a merge key
 * @base: its current value
 * @node: its new value, all of whose pairs are written in the mapping already
 *
 * Notes the removal of the merge key.
 */
void
runconf_rewriter_drop_flow_merge (RunconfRewriter *self, const RunconfSlot *slot,
                                  const RunconfNode *base, const RunconfNode *node)
{
  guint position = 0;
  Flow flow;

  flow_init (&flow, self, slot);
  for (guint key = slot->span + 1; key < self->spans[slot->span].next;
       key = self->spans[self->spans[key].next].next)
    {
      gboolean is_merge = self->spans[key].is_merge;

      flow_add_member (&flow, runconf_rewriter_get_pair_end (self, key),
                       !is_merge && runconf_rewriter_find_child (base, position, node) != NULL);
      position += !is_merge;
    }
  flow_write (&flow);
  flow_clear (&flow);
}

static void
insert_items (Flow *self, const RunconfNode *node, guint *next, guint end)
{
  for (; *next < end; (*next)++)
    {
      GString *out = g_string_new (NULL);

      runconf_emit_inline (out, runconf_node_get_child (node, *next), self->like,
                           RUNCONF_PLACE_FLOW);
      flow_insert (self, self->members->len, out);
    }
}

static void
walk_sequence (Flow *self, const RunconfSlot *slot, const RunconfNode *base,
               const RunconfNode *node)
{
  g_autoptr (GArray) matches = runconf_match_items (base, node);
  guint item = slot->span + 1;
  guint n_kept = 0, next = 0;

  for (guint i = 0; i < matches->len; i++, item = self->rewriter->spans[item].next)
    {
      guint match = g_array_index (matches, guint, i);

      if (match != RUNCONF_NO_MATCH)
        {
          insert_items (self, node, &next, match);
          next = match + 1;
          n_kept++;
          walk_member (self, item, item, runconf_node_get_child (base, i),
                       runconf_node_get_child (node, match));
        }
      flow_add_member (self, self->rewriter->spans[item].end, match != RUNCONF_NO_MATCH);
    }
  insert_items (self, node, &next, runconf_node_get_length (node));

  if (n_kept < matches->len || self->newcomers->len > 0)
    flow_write (self);
}

/**
 * runconf_rewriter_fill_flow:
 * @span: an empty collection in brackets
 * @node: its new value
 *
 * If the brackets contain a comment only, inserts the new members after the comment.
 *
 * Returns: whether the members were inserted
 */
gboolean
runconf_rewriter_fill_flow (RunconfRewriter *self, guint span, const RunconfNode *node)
{
  const RunconfText *text = &self->text;
  gsize content = runconf_rewriter_get_content (self, span);
  gsize close = self->spans[span].end - 1;
  gsize last = runconf_lines_find_start (text, close);
  g_autoptr (GString) members = NULL;
  g_autoptr (GString) out = NULL;

  if (last <= content || runconf_lines_skip_blanks (text, last) != close)
    return FALSE;
  last = runconf_lines_find_previous_end (text, close);
  if (!runconf_lines_is_comment (text, last) || runconf_lines_find_start (text, last) <= content)
    return FALSE;

  members = g_string_new (NULL);
  out = g_string_new (NULL);
  runconf_emit_inline (members, node, RUNCONF_STYLE_PLAIN, RUNCONF_PLACE_FLOW);
  runconf_emit_line_start (out,
                           runconf_lines_skip_blanks (text, runconf_lines_find_start (text, last))
                               - runconf_lines_find_start (text, last),
                           &self->layout);
  g_string_append_len (out, members->str + 1, members->len - 2);
  runconf_splice_insert (self->splice, last, out);

  return TRUE;
}

static gboolean
has_same_keys (const RunconfNode *base, const RunconfNode *node)
{
  if (runconf_node_get_length (base) != runconf_node_get_length (node))
    return FALSE;

  for (guint i = 0; i < runconf_node_get_length (base); i++)
    {
      if (runconf_rewriter_find_child (base, i, node) == NULL)
        return FALSE;
    }

  return TRUE;
}

/**
 * runconf_rewriter_walk_flow:
 * @slot: the place of a collection in brackets
 * @base: its current value
 * @node: its new value; both are of the same kind, and neither is empty
 *
 * Notes the edits of its members.
 */
void
runconf_rewriter_walk_flow (RunconfRewriter *self, const RunconfSlot *slot, const RunconfNode *base,
                            const RunconfNode *node)
{
  Flow flow;

  if (is_lone (self, slot->span) && !has_same_keys (base, node))
    {
      runconf_rewriter_replace (self, slot, node);
      return;
    }

  flow_init (&flow, self, slot);
  if (runconf_node_is_mapping (base))
    walk_mapping (&flow, slot, base, node);
  else
    walk_sequence (&flow, slot, base, node);
  flow_clear (&flow);
}
