/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/rewriter.h"

#include <string.h>

#include "core/mapping.h"
#include "yaml/lines.h"
#include "yaml/span.h"

/* Anchors, aliases and merge keys.
 *
 * In the tree an alias is a copy, and a change at one path affects that path alone. In the text,
 * the value of an anchor exists once. So during the walk along the text, this file notes the new
 * value of each anchor, and the new value that each alias should have. At the end, an alias whose
 * anchor has another value is replaced by a copy of its own value. The value at an anchor is never
 * changed for the sake of an alias.
 *
 * A merge key adds the pairs of other mappings, and the pairs of its own mapping override them. So
 * a change of an added pair is written as one more pair. But an added pair can't be removed: then
 * the merge key is replaced by the pairs that are left.
 */

/* The change of a node with an anchor that stays. */
typedef struct
{
  const RunconfNode
      *before; /* NULL for a node that never changes: a key, or a part of a merge key's value */
  const RunconfNode *after;
} Fate;

/* A place whose value comes from an alias or a merge key. */
typedef struct
{
  RunconfSlot slot;
  const RunconfNode *base;
  const RunconfNode *node;
} Use;

typedef struct
{
  guint span;
  const char *name;
} KeyUse;

struct _RunconfReuse
{
  const RunconfRewriter *rewriter;
  GHashTable *targets; /* maps the span of an alias to that of its anchor */
  GHashTable *fates;   /* maps the span of an anchor to its Fate */
  GArray *uses;        /* Use: the aliases that stay */
  GArray *keys;        /* KeyUse: the aliases that are keys and stay */
  GArray *merges;      /* Use: the mappings with a merge key that stay */
};

/* Returns: (transfer full) (nullable): the name of the anchor of a node */
static char *
get_anchor (const RunconfRewriter *self, const RunconfSpan *span)
{
  gsize at = span->start;
  gsize end = at + span->properties;

  while (at < end)
    {
      if (self->text.data[at] == '&')
        return g_strndup (self->text.data + at + 1,
                          runconf_span_find_name_end (&self->text, at) - at - 1);
      at = runconf_lines_skip_gap (&self->text,
                                   runconf_lines_find_any (&self->text, at, " \t\r\n"));
    }

  return NULL;
}

static void
find_targets (RunconfReuse *self)
{
  const RunconfRewriter *rewriter = self->rewriter;
  g_autoptr (GHashTable) anchors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < rewriter->n_spans; i++)
    {
      const RunconfSpan *span = &rewriter->spans[i];
      /* a merge key is not a node, so no alias can refer to it */
      gboolean is_named = span->properties > 0 && !span->is_merge;
      char *name = is_named ? get_anchor (rewriter, span) : NULL;

      if (name != NULL)
        g_hash_table_insert (anchors, name, GUINT_TO_POINTER (i));

      if (span->kind == RUNCONF_SPAN_ALIAS)
        {
          g_autofree char *alias
              = g_strndup (rewriter->text.data + span->start + 1, span->end - span->start - 1);

          g_hash_table_insert (self->targets, GUINT_TO_POINTER (i),
                               g_hash_table_lookup (anchors, alias));
        }
    }
}

/**
 * runconf_reuse_new:
 *
 * Returns: (transfer full) (nullable): the state of the aliases and merge keys of a text, %NULL if
 *   it has neither
 */
RunconfReuse *
runconf_reuse_new (const RunconfRewriter *rewriter)
{
  RunconfReuse *self;
  guint i = 0;

  while (i < rewriter->n_spans && rewriter->spans[i].kind != RUNCONF_SPAN_ALIAS
         && !rewriter->spans[i].is_merge)
    i++;
  if (i == rewriter->n_spans)
    return NULL;

  self = g_new0 (RunconfReuse, 1);
  self->rewriter = rewriter;
  self->targets = g_hash_table_new (NULL, NULL);
  self->fates = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->uses = g_array_new (FALSE, FALSE, sizeof (Use));
  self->keys = g_array_new (FALSE, FALSE, sizeof (KeyUse));
  self->merges = g_array_new (FALSE, FALSE, sizeof (Use));
  find_targets (self);

  return self;
}

void
runconf_reuse_free (RunconfReuse *self)
{
  g_hash_table_unref (self->targets);
  g_hash_table_unref (self->fates);
  g_array_unref (self->uses);
  g_array_unref (self->keys);
  g_array_unref (self->merges);
  g_free (self);
}

static void
note_fate (RunconfReuse *self, guint span, const RunconfNode *before, const RunconfNode *after)
{
  Fate *fate;

  if (self->rewriter->spans[span].properties == 0)
    return;

  fate = g_new (Fate, 1);
  *fate = (Fate){ before, after };
  g_hash_table_insert (self->fates, GUINT_TO_POINTER (span), fate);
}

/**
 * runconf_reuse_note:
 * @slot: the place of a value that stays or is changed
 * @base: its current value
 * @node: its new value
 */
void
runconf_reuse_note (RunconfReuse *self, const RunconfSlot *slot, const RunconfNode *base,
                    const RunconfNode *node)
{
  Use use = { *slot, base, node };

  if (self->rewriter->spans[slot->span].kind == RUNCONF_SPAN_ALIAS)
    g_array_append_val (self->uses, use);
  else
    note_fate (self, slot->span, base, node);
}

/**
 * runconf_reuse_note_key:
 * @key: the span of a key that stays
 * @name: the key
 */
void
runconf_reuse_note_key (RunconfReuse *self, guint key, const char *name)
{
  KeyUse use = { key, name };

  if (self->rewriter->spans[key].kind == RUNCONF_SPAN_ALIAS)
    g_array_append_val (self->keys, use);
  else
    note_fate (self, key, NULL, NULL);
}

/**
 * runconf_reuse_note_merged:
 * @value: the span of the value of a merge key
 *
 * Notes that nothing in that value is changed.
 */
void
runconf_reuse_note_merged (RunconfReuse *self, guint value)
{
  for (guint span = value; span < self->rewriter->spans[value].next; span++)
    note_fate (self, span, NULL, NULL);
}

/**
 * runconf_reuse_note_merge:
 * @slot: the place of a mapping with a merge key
 * @base: its current value
 * @node: its new value
 */
void
runconf_reuse_note_merge (RunconfReuse *self, const RunconfSlot *slot, const RunconfNode *base,
                          const RunconfNode *node)
{
  Use use = { *slot, base, node };

  g_array_append_val (self->merges, use);
}

static const Fate *
find_fate (const RunconfReuse *self, guint alias)
{
  gpointer target = g_hash_table_lookup (self->targets, GUINT_TO_POINTER (alias));

  return g_hash_table_lookup (self->fates, target);
}

static gboolean
still_says (const Fate *fate, const Use *use)
{
  if (fate == NULL)
    return FALSE;
  if (fate->before == NULL)
    return runconf_node_equal (use->base, use->node);

  return runconf_node_equal (fate->after, use->node);
}

static void
finish_keys (RunconfReuse *self, RunconfRewriter *rewriter)
{
  for (guint i = 0; i < self->keys->len; i++)
    {
      const KeyUse *use = &g_array_index (self->keys, KeyUse, i);
      const RunconfSpan *span = &rewriter->spans[use->span];
      const Fate *fate = find_fate (self, use->span);
      g_autoptr (RunconfNode) node = NULL;
      g_autoptr (GString) out = NULL;

      if (fate != NULL && (fate->before == NULL || runconf_node_equal (fate->before, fate->after)))
        continue;

      node = runconf_node_new_string (use->name, -1);
      out = g_string_new (NULL);
      runconf_emit_inline (out, node, RUNCONF_STYLE_PLAIN, RUNCONF_PLACE_FLOW);
      runconf_splice_replace (rewriter->splice, span->start, span->end, out->str, out->len);
    }
}

/* A mapping with a merge key, and the effects of the change on it. */
typedef struct
{
  const RunconfReuse *reuse;
  const Use *use;
  guint mapping;
  guint merge;          /* the span of the merge key */
  guint n_own;          /* how many keys of its base are written in it */
  gboolean is_unknown;  /* a source is no mapping any more, or was removed */
  gboolean has_changed; /* a source has a new value */
  GPtrArray
      *sources; /* RunconfNode: the new values, NULL for a source that is unknown but unchanged */
} Merge;

/* Adds the value of an anchor: a mapping, or a sequence of mappings. */
static void
merge_add_node (Merge *self, const RunconfNode *node)
{
  if (runconf_node_is_mapping (node))
    g_ptr_array_add (self->sources, (gpointer) node);
  else if (runconf_node_get_kind (node) != RUNCONF_KIND_SEQUENCE)
    self->is_unknown = TRUE;
  else
    for (guint i = 0; i < runconf_node_get_length (node); i++)
      {
        const RunconfNode *item = runconf_node_get_child (node, i);

        if (runconf_node_is_mapping (item))
          g_ptr_array_add (self->sources, (gpointer) item);
        else
          self->is_unknown = TRUE;
      }
}

static void
merge_add_source (Merge *self, guint span)
{
  const RunconfSpan *source = &self->reuse->rewriter->spans[span];
  const Fate *fate;

  if (source->kind == RUNCONF_SPAN_MAPPING)
    {
      g_ptr_array_add (self->sources, NULL);
      return;
    }

  fate = source->kind == RUNCONF_SPAN_ALIAS ? find_fate (self->reuse, span) : NULL;
  if (fate == NULL || fate->after == NULL)
    {
      self->is_unknown |= fate == NULL;
      g_ptr_array_add (self->sources, NULL);
      return;
    }

  self->has_changed |= !runconf_node_equal (fate->before, fate->after);
  merge_add_node (self, fate->after);
}

static void
merge_init (Merge *self, const RunconfReuse *reuse, const Use *use)
{
  const RunconfSpan *spans = reuse->rewriter->spans;
  guint value;

  *self = (Merge){ .reuse = reuse, .use = use, .mapping = use->slot.span };
  self->merge = runconf_spans_find_merge (spans, self->mapping);
  self->n_own = runconf_spans_count_pairs (spans, self->mapping);
  self->sources = g_ptr_array_new ();

  value = spans[self->merge].next;
  if (spans[value].kind != RUNCONF_SPAN_SEQUENCE)
    {
      merge_add_source (self, value);
      return;
    }
  for (guint item = value + 1; item < spans[value].next; item = spans[item].next)
    merge_add_source (self, item);
}

static gboolean
merge_is_own (const Merge *self, const char *key)
{
  for (guint i = 0; i < self->n_own; i++)
    {
      if (strcmp (runconf_mapping_get_key (self->use->base, i, NULL), key) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Returns: (nullable): the new value that the merge key adds for @key, which isn't written in the
 * mapping
 */
static const RunconfNode *
merge_find (const Merge *self, const char *key)
{
  for (guint i = 0; i < self->sources->len; i++)
    {
      const RunconfNode *source = self->sources->pdata[i];
      const RunconfNode *value
          = runconf_mapping_get (source != NULL ? source : self->use->base, key);

      if (value != NULL)
        return value;
    }

  return NULL;
}

/* Returns: whether the merge key would add a pair that the new value doesn't have */
static gboolean
merge_has_surplus (const Merge *self)
{
  for (guint i = 0; i < self->sources->len; i++)
    {
      const RunconfNode *source = self->sources->pdata[i];

      /* its pairs are unknown, so all pairs of the base have to stay */
      if (source == NULL)
        source = self->use->base;
      for (guint j = 0; j < runconf_node_get_length (source); j++)
        {
          if (runconf_mapping_get (self->use->node, runconf_mapping_get_key (source, j, NULL))
              == NULL)
            return TRUE;
        }
    }

  return FALSE;
}

/* Returns: the positions of the pairs that have to be written */
static GArray *
merge_list_missing (const Merge *self, gboolean is_replaced)
{
  const RunconfNode *node = self->use->node;
  GArray *missing = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      const char *key = runconf_mapping_get_key (node, i, NULL);
      const RunconfNode *brought = is_replaced ? NULL : merge_find (self, key);

      if (merge_is_own (self, key)
          || (brought != NULL && runconf_node_equal (brought, runconf_node_get_child (node, i))))
        continue;
      g_array_append_val (missing, i);
    }

  return missing;
}

static void
append_pairs (const Merge *self, GArray *positions, guint column, GString *out)
{
  const RunconfRewriter *rewriter = self->reuse->rewriter;
  gboolean is_flow = rewriter->spans[self->mapping].style == RUNCONF_STYLE_FLOW;

  for (guint i = 0; i < positions->len; i++)
    {
      guint position = g_array_index (positions, guint, i);

      if (i > 0 && is_flow)
        g_string_append (out, ", ");
      else if (i > 0)
        runconf_emit_line_start (out, column, &rewriter->layout);

      if (is_flow)
        runconf_emit_inline_pair (out, self->use->node, position, RUNCONF_STYLE_PLAIN);
      else
        runconf_emit_pair (out, self->use->node, position, column, &rewriter->layout);
    }
}

/* Removes the merge key, since none of the pairs that it added stays. */
static void
merge_drop (const Merge *self, RunconfRewriter *rewriter)
{
  if (rewriter->spans[self->mapping].style == RUNCONF_STYLE_FLOW)
    runconf_rewriter_drop_flow_merge (rewriter, &self->use->slot, self->use->base, self->use->node);
  else
    runconf_rewriter_drop_block_pair (rewriter, self->mapping, self->merge);
}

/* Replaces the merge key by the pairs. A comment after it is moved to a line above them. */
static void
merge_replace (const Merge *self, RunconfRewriter *rewriter, GArray *missing, guint column)
{
  const RunconfSpan *value = &rewriter->spans[rewriter->spans[self->merge].next];
  gsize start = rewriter->spans[self->merge].start;
  gsize end = value->end;
  gsize comment = runconf_lines_skip_blanks (&rewriter->text, end);
  g_autoptr (GString) out = g_string_new (NULL);

  if (rewriter->spans[self->mapping].style == RUNCONF_STYLE_BLOCK)
    {
      start = runconf_rewriter_find_pair_start (rewriter, self->mapping, self->merge);
      end = runconf_lines_find_end (&rewriter->text, end);
      g_string_append_len (out, rewriter->text.data + comment, end - comment);
      if (comment < end)
        runconf_emit_line_start (out, column, &rewriter->layout);
    }
  append_pairs (self, missing, column, out);
  runconf_splice_replace (rewriter->splice, start, end, out->str, out->len);
}

/* Adds the pairs after all others. They override the pairs from the merge key. */
static void
merge_cover (const Merge *self, RunconfRewriter *rewriter, GArray *missing, guint column)
{
  gboolean is_flow = rewriter->spans[self->mapping].style == RUNCONF_STYLE_FLOW;
  g_autoptr (GString) out = g_string_new (NULL);
  gsize end = 0;

  for (guint key = self->mapping + 1; key < rewriter->spans[self->mapping].next;)
    {
      guint value = rewriter->spans[key].next;

      end = MAX (rewriter->spans[key].end, rewriter->spans[value].end);
      key = rewriter->spans[value].next;
    }

  if (is_flow)
    g_string_append (out, ", ");
  else
    runconf_emit_line_start (out, column, &rewriter->layout);
  append_pairs (self, missing, column, out);
  runconf_splice_insert (
      rewriter->splice,
      is_flow ? end : runconf_lines_find_end_of_deeper (&rewriter->text, end, column), out);
}

static void
merge_write (const Merge *self, RunconfRewriter *rewriter)
{
  gboolean is_replaced = self->is_unknown || merge_has_surplus (self);
  g_autoptr (GArray) missing = merge_list_missing (self, is_replaced);
  guint column = 0;

  if (missing->len == 0)
    {
      if (is_replaced)
        merge_drop (self, rewriter);
      return;
    }

  if (rewriter->spans[self->mapping].style == RUNCONF_STYLE_BLOCK)
    {
      gsize end = rewriter->spans[rewriter->spans[self->merge].next].end;

      column = runconf_lines_get_column (&rewriter->text,
                                         runconf_rewriter_get_content (rewriter, self->mapping));
      if (!is_replaced)
        end = runconf_lines_find_end_of_deeper (&rewriter->text, rewriter->spans[self->mapping].end,
                                                column);
      runconf_rewriter_adapt (rewriter, end, column);
    }
  if (is_replaced)
    merge_replace (self, rewriter, missing, column);
  else
    merge_cover (self, rewriter, missing, column);
}

static void
finish_merge (const RunconfReuse *self, RunconfRewriter *rewriter, const Use *use)
{
  Merge merge;

  merge_init (&merge, self, use);
  if (merge.is_unknown || merge.has_changed || !runconf_node_equal (use->base, use->node))
    merge_write (&merge, rewriter);
  g_ptr_array_unref (merge.sources);
}

/**
 * runconf_reuse_finish:
 * @rewriter: the rewriter, after its walk along the whole text
 *
 * Notes the edits of aliases and merge keys.
 */
void
runconf_reuse_finish (RunconfReuse *self, RunconfRewriter *rewriter)
{
  for (guint i = 0; i < self->uses->len; i++)
    {
      const Use *use = &g_array_index (self->uses, Use, i);

      if (runconf_rewriter_is_fresh (rewriter, use->slot.span)
          || !still_says (find_fate (self, use->slot.span), use))
        runconf_rewriter_replace (rewriter, &use->slot, use->node);
    }

  for (guint i = 0; i < self->merges->len; i++)
    finish_merge (self, rewriter, &g_array_index (self->merges, Use, i));

  finish_keys (self, rewriter);
}
