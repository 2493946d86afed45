/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/builder.h"

#include <string.h>

#include "core/limits.h"
#include "core/mapping.h"
#include "yaml/anchors.h"
#include "yaml/span.h"

/* Every limit is checked when a node is added, before anything grows. Nodes that aliases refer to
 * are counted as if they were written out, but they are never copied.
 */

#define MAX_DEPTH (RUNCONF_MAX_COST / MIN (RUNCONF_COST_SEQUENCE, RUNCONF_COST_MAPPING))

/* A collection that is still open. */
typedef struct
{
  RunconfSpanKind kind;
  guint cost; /* of this collection and all around it */
  gboolean is_replacing;
  gboolean is_in_sequence; /* itself or one around it, but for the sources of a merge key */
  guint span;              /* of the collection itself */
  guint last_child;        /* the span of its last child so far */
  char *anchor;            /* (nullable) */

  guint first_item;                /* index in `items` of its first item or value */
  const RunconfNode *last_mapping; /* (nullable): the mapping in it that was closed last */

  /* for a mapping only */
  guint first_key;    /* offset in `keys` of its first key */
  GPtrArray *sources; /* (nullable): the mappings that its merge key refers to */
  gboolean has_key;   /* whether the next node is the value of a key */
  guint key_span;
} Frame;

struct _RunconfBuilder
{
  const RunconfText *text;
  GArray *spans;

  Frame frames[MAX_DEPTH];
  guint depth;
  GPtrArray *items; /* the items and values of all open collections */
  GByteArray *keys; /* the keys of all open mappings, each with a NUL after it */
  RunconfAnchors *anchors;

  /* with the nodes behind aliases counted each time */
  gsize n_nodes;
  gsize n_bytes;

  RunconfNode *root; /* (nullable) */
};

static void
frame_clear (Frame *frame)
{
  g_clear_pointer (&frame->anchor, g_free);
  g_clear_pointer (&frame->sources, g_ptr_array_unref);
}

/* The entry of a value that its mapping has taken over is %NULL. */
static void
clear_item (RunconfNode *item)
{
  g_clear_pointer (&item, runconf_node_unref);
}

/**
 * runconf_builder_new:
 * @text: the text that is read
 * @spans: (element-type RunconfSpan): owned and grown by the caller; @text and @spans have to
 *   outlive the builder
 *
 * Returns: (transfer full): a builder
 */
RunconfBuilder *
runconf_builder_new (const RunconfText *text, GArray *spans)
{
  RunconfBuilder *self = g_new0 (RunconfBuilder, 1);

  self->text = text;
  self->spans = spans;
  self->items = g_ptr_array_new_full (64, (GDestroyNotify) clear_item);
  self->keys = g_byte_array_sized_new (1024);
  self->anchors = runconf_anchors_new ();

  return self;
}

void
runconf_builder_free (RunconfBuilder *self)
{
  while (self->depth > 0)
    frame_clear (&self->frames[--self->depth]);
  g_ptr_array_unref (self->items);
  g_byte_array_unref (self->keys);
  runconf_anchors_free (self->anchors);
  g_clear_pointer (&self->root, runconf_node_unref);
  g_free (self);
}

static RunconfSpan *
get_span (const RunconfBuilder *self, guint index)
{
  return &g_array_index (self->spans, RunconfSpan, index);
}

static const Frame *
peek_top (const RunconfBuilder *self)
{
  return self->depth > 0 ? &self->frames[self->depth - 1] : NULL;
}

static Frame *
get_top (RunconfBuilder *self)
{
  return (Frame *) peek_top (self);
}

/**
 * runconf_builder_expects_key:
 *
 * Returns: whether the next node is a key
 */
gboolean
runconf_builder_expects_key (const RunconfBuilder *self)
{
  const Frame *frame = peek_top (self);

  return frame != NULL && frame->kind == RUNCONF_SPAN_MAPPING && !frame->has_key;
}

/**
 * runconf_builder_get_key:
 *
 * Returns: the span of the key whose value is next, %G_MAXUINT if the next node is no value of a
 *   key
 */
guint
runconf_builder_get_key (const RunconfBuilder *self)
{
  const Frame *frame = peek_top (self);

  return frame != NULL && frame->has_key ? frame->key_span : G_MAXUINT;
}

static gboolean
is_merge_source (const RunconfBuilder *self)
{
  guint key = runconf_builder_get_key (self);

  return key != G_MAXUINT && get_span (self, key)->is_merge;
}

/* The sequence of a merge key isn't a value: its mappings belong to the mapping around it. */
static gboolean
enters_sequence (const RunconfBuilder *self, RunconfSpanKind kind)
{
  const Frame *frame = peek_top (self);

  return (frame != NULL && frame->is_in_sequence)
         || (kind == RUNCONF_SPAN_SEQUENCE && !is_merge_source (self));
}

/**
 * runconf_builder_allows_tag:
 *
 * Returns: whether the next node may be an unset or a replacing mapping: it is the value of a key,
 *   and in no sequence
 */
gboolean
runconf_builder_allows_tag (const RunconfBuilder *self)
{
  const Frame *frame = peek_top (self);

  return frame != NULL && frame->has_key && !frame->is_in_sequence && !is_merge_source (self);
}

/**
 * runconf_builder_get_open:
 *
 * Returns: the span of the innermost open collection
 */
guint
runconf_builder_get_open (const RunconfBuilder *self)
{
  return peek_top (self)->span;
}

/**
 * runconf_builder_get_last_child:
 *
 * Returns: the span of the last child of the innermost open collection, its own span if it is empty
 */
guint
runconf_builder_get_last_child (const RunconfBuilder *self)
{
  return peek_top (self)->last_child;
}

static gboolean
count (RunconfBuilder *self, guint span, gsize n_nodes, gsize n_bytes, GError **error)
{
  gsize start = get_span (self, span)->start;
  guint max_nodes = self->text->max_nodes != 0 ? self->text->max_nodes : RUNCONF_MAX_NODES;

  self->n_nodes += n_nodes;
  self->n_bytes += n_bytes;

  if (self->n_nodes > max_nodes)
    runconf_text_fail (self->text, start, RUNCONF_ERROR_TOO_LARGE, error,
                       "too many values: more than %u with all aliases expanded", max_nodes);
  else if (self->n_bytes > RUNCONF_MAX_SCALAR_BYTES)
    runconf_text_fail (
        self->text, start, RUNCONF_ERROR_TOO_LARGE, error,
        "too much text: keys and values hold more than %d MiB with all aliases expanded",
        RUNCONF_MAX_SCALAR_BYTES / (1024 * 1024));
  else
    return TRUE;

  return FALSE;
}

static gboolean
check_cost (const RunconfBuilder *self, guint span, guint cost, GError **error)
{
  if (cost <= RUNCONF_MAX_COST)
    return TRUE;

  runconf_text_fail (self->text, get_span (self, span)->start, RUNCONF_ERROR_TOO_LARGE, error,
                     "nested too deeply: at most %d nested mappings, or %d nested sequences, or a "
                     "mixture within the limits of D-Bus",
                     RUNCONF_MAX_COST / RUNCONF_COST_MAPPING,
                     RUNCONF_MAX_COST / RUNCONF_COST_SEQUENCE);
  return FALSE;
}

static gboolean
add_source (RunconfBuilder *self, Frame *frame, const RunconfNode *node, GError **error)
{
  if (runconf_node_is_mapping (node))
    {
      g_ptr_array_add (frame->sources, runconf_node_ref (node));
      return TRUE;
    }

  runconf_text_fail (self->text, get_span (self, frame->key_span)->start,
                     RUNCONF_ERROR_INVALID_VALUE, error,
                     "the merge key “<<” takes a mapping, an alias of one, or a sequence of them, "
                     "but this value is of type %s; quote the key if it is an ordinary key",
                     runconf_node_get_kind_name (node));
  return FALSE;
}

static gboolean
add_sources (RunconfBuilder *self, Frame *frame, const RunconfNode *node, GError **error)
{
  frame->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_node_unref);

  if (runconf_node_get_kind (node) != RUNCONF_KIND_SEQUENCE)
    return add_source (self, frame, node, error);

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      if (!add_source (self, frame, runconf_node_get_child (node, i), error))
        return FALSE;
    }

  return TRUE;
}

/* Keys that the mapping contains itself override merged keys, and earlier sources override later
 * ones.
 */
static RunconfNode *
merge_sources (const Frame *frame, RunconfNode *own)
{
  g_autoptr (RunconfNode) mapping = own;
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new_from (mapping);

  for (guint i = 0; i < frame->sources->len; i++)
    {
      const RunconfNode *source = frame->sources->pdata[i];

      for (guint j = 0; j < runconf_node_get_length (source); j++)
        {
          gsize length;
          const char *key = runconf_mapping_get_key (source, j, &length);

          runconf_mapping_builder_add (builder, key, length, runconf_node_get_child (source, j));
        }
    }

  return runconf_mapping_builder_end (builder);
}

/* Keys, names of anchors and tags may be parts of a secret, and a text that can't be parsed has no
 * paths by which secrets could be recognized. So no message quotes the text: it gives the position
 * instead.
 */
static void
fail_duplicate (const RunconfBuilder *self, const Frame *frame, guint first, guint second,
                GError **error)
{
  const RunconfSpan *spans = get_span (self, 0);
  const RunconfSpan *one = &spans[runconf_spans_find_pair (spans, frame->span, first)];
  const RunconfSpan *other = &spans[runconf_spans_find_pair (spans, frame->span, second)];
  guint line, column;

  runconf_text_get_position (self->text, one->start, &line, &column);
  runconf_text_fail (self->text, other->start, RUNCONF_ERROR_INVALID_VALUE, error,
                     "the same key is on line %u already; keep one of the two", line);
}

/* An alias can refer to a node with tags from a place that allows none. */
static gboolean
check_tags (const RunconfBuilder *self, guint span, const RunconfNode *node, GError **error)
{
  if (!runconf_node_has_tags (node)
      || (runconf_node_get_kind (node) != RUNCONF_KIND_SEQUENCE
          && !peek_top (self)->is_in_sequence))
    return TRUE;

  runconf_text_fail (self->text, get_span (self, span)->start, RUNCONF_ERROR_INVALID_VALUE, error,
                     "“" RUNCONF_TAG_KEY_UNSET "” and “" RUNCONF_TAG_KEY_REPLACE
                     "” have no meaning inside of a sequence, which replaces the weaker layers' "
                     "value as a whole; write the values themselves instead of this alias");
  return FALSE;
}

/* Adds a finished node, which it takes, to the open collection, or makes it the root. */
static gboolean
add_node (RunconfBuilder *self, guint span, RunconfNode *node, GError **error)
{
  g_autoptr (RunconfNode) owned = node;
  Frame *frame = get_top (self);

  if (frame == NULL)
    {
      self->root = g_steal_pointer (&owned);
      return TRUE;
    }

  frame->last_child = span;
  if (frame->has_key && get_span (self, frame->key_span)->is_merge)
    {
      frame->has_key = FALSE;
      return add_sources (self, frame, owned, error);
    }

  frame->has_key = FALSE;
  if (!check_tags (self, span, owned, error))
    return FALSE;
  if (runconf_node_is_mapping (owned))
    frame->last_mapping = owned;
  g_ptr_array_add (self->items, g_steal_pointer (&owned));

  return TRUE;
}

/**
 * runconf_builder_add_key:
 * @span: the span of the key, marked if it is a merge key
 * @key: the key, of @length bytes, ended by a NUL
 *
 * Returns: %FALSE with @error if the key isn't allowed here
 */
gboolean
runconf_builder_add_key (RunconfBuilder *self, guint span, const char *key, gsize length,
                         GError **error)
{
  const RunconfSpan *place = get_span (self, span);
  Frame *frame = get_top (self);

  frame->has_key = TRUE;
  frame->key_span = span;
  frame->last_child = span;

  if (length > RUNCONF_MAX_KEY_BYTES)
    {
      runconf_text_fail (self->text, place->start, RUNCONF_ERROR_TOO_LARGE, error,
                         "a key of %" G_GSIZE_FORMAT " bytes; at most %d are allowed", length,
                         RUNCONF_MAX_KEY_BYTES);
      return FALSE;
    }

  if (place->is_merge && frame->sources != NULL)
    {
      runconf_text_fail (self->text, place->start, RUNCONF_ERROR_INVALID_VALUE, error,
                         "a second merge key “<<” in the same mapping; write one, as "
                         "“<<: [*a, *b]”");
      return FALSE;
    }

  if (!place->is_merge)
    g_byte_array_append (self->keys, (const guint8 *) key, length + 1);

  return count (self, span, 0, length, error);
}

/**
 * runconf_builder_add_scalar:
 * @node: (transfer full): the value
 *
 * Returns: %FALSE with @error if the value isn't allowed here
 */
gboolean
runconf_builder_add_scalar (RunconfBuilder *self, guint span, RunconfNode *node, GError **error)
{
  g_autoptr (RunconfNode) owned = node;

  return (!runconf_node_is_unset (node)
          || check_cost (self, span, peek_top (self)->cost + runconf_node_get_cost (node), error))
         && count (self, span, 1, runconf_node_get_n_bytes (node), error)
         && add_node (self, span, g_steal_pointer (&owned), error);
}

static void
fail_collection_key (const RunconfBuilder *self, guint span, GError **error)
{
  runconf_text_fail (self->text, get_span (self, span)->start, RUNCONF_ERROR_INVALID_VALUE, error,
                     "a key can't be a sequence or a mapping; quote a text such as “{{ x }}”");
}

static gboolean
add_alias_key (RunconfBuilder *self, guint span, const RunconfAnchor *anchor, GError **error)
{
  if (anchor->is_collection)
    {
      fail_collection_key (self, span, error);
      return FALSE;
    }

  return runconf_builder_add_key (self, span, anchor->written, anchor->length, error);
}

/**
 * runconf_builder_add_alias:
 * @name: the name of the anchor
 *
 * Adds the node of an anchor, as a key or a value, without a copy.
 *
 * Returns: %FALSE with @error if there is no such anchor, or its node isn't allowed here
 */
gboolean
runconf_builder_add_alias (RunconfBuilder *self, guint span, const char *name, GError **error)
{
  const RunconfAnchor *anchor = runconf_anchors_find (self->anchors, name);

  if (anchor == NULL || anchor->node == NULL)
    {
      runconf_text_fail (
          self->text, get_span (self, span)->start, RUNCONF_ERROR_INVALID_VALUE, error, "%s",
          anchor == NULL ? "there is no anchor of this name above the alias; quote a text that "
                           "begins with “*”"
                         : "a recursive alias: the alias is inside the value of its anchor");
      return FALSE;
    }

  if (runconf_builder_expects_key (self))
    return add_alias_key (self, span, anchor, error);

  return check_cost (self, span, peek_top (self)->cost + runconf_node_get_cost (anchor->node),
                     error)
         && count (self, span, runconf_node_get_n_nodes (anchor->node),
                   runconf_node_get_n_bytes (anchor->node), error)
         && add_node (self, span, runconf_node_ref (anchor->node), error);
}

/**
 * runconf_builder_anchor_scalar:
 * @name: the name of the anchor
 * @node: the scalar
 * @written: the scalar as it is written, of @length bytes
 */
void
runconf_builder_anchor_scalar (RunconfBuilder *self, guint span, const char *name,
                               const RunconfNode *node, const char *written, gsize length)
{
  runconf_anchors_add_scalar (self->anchors, name, span, node, written, length);
}

/**
 * runconf_builder_open:
 * @span: the span of a sequence or a mapping
 * @anchor: (nullable): its anchor
 * @is_replacing: whether it is a replacing mapping; allowed as runconf_builder_allows_tag() says
 *
 * Opens a collection. The nodes added from now on are its children, until it is closed.
 *
 * Returns: %FALSE with @error if a collection isn't allowed here
 */
gboolean
runconf_builder_open (RunconfBuilder *self, guint span, const char *anchor, gboolean is_replacing,
                      GError **error)
{
  const Frame *parent = peek_top (self);
  Frame frame = { .kind = get_span (self, span)->kind, .span = span, .last_child = span };

  frame.cost = parent != NULL ? parent->cost : 0;
  frame.cost += frame.kind == RUNCONF_SPAN_MAPPING ? RUNCONF_COST_MAPPING : RUNCONF_COST_SEQUENCE;
  frame.cost += is_replacing ? RUNCONF_COST_MAPPING : 0;
  frame.is_replacing = is_replacing;
  frame.is_in_sequence = enters_sequence (self, frame.kind);
  if (!check_cost (self, span, frame.cost, error) || !count (self, span, 1, 0, error))
    return FALSE;

  if (runconf_builder_expects_key (self))
    {
      fail_collection_key (self, span, error);
      return FALSE;
    }

  if (anchor != NULL)
    {
      frame.anchor = g_strdup (anchor);
      runconf_anchors_open (self->anchors, anchor, span);
    }
  frame.first_item = self->items->len;
  frame.first_key = self->keys->len;
  self->frames[self->depth++] = frame;

  return TRUE;
}

static RunconfNode *
end_mapping (RunconfBuilder *self, Frame *frame, RunconfNode **values, guint length, GError **error)
{
  const Frame *parent = self->depth > 1 ? frame - 1 : NULL;
  guint first, second;
  RunconfNode *node = runconf_mapping_new_take (
      (const char *) self->keys->data + frame->first_key, self->keys->len - frame->first_key,
      values, length, parent != NULL ? parent->last_mapping : NULL, &first, &second);

  if (node == NULL)
    {
      fail_duplicate (self, frame, first, second, error);
      return NULL;
    }

  /* the mapping owns them now */
  memset (values, 0, length * sizeof (*values));
  g_byte_array_set_size (self->keys, frame->first_key);

  return frame->sources != NULL ? merge_sources (frame, node) : node;
}

static RunconfNode *
take_replacing (RunconfNode *mapping)
{
  g_autoptr (RunconfNode) plain = mapping;

  return runconf_mapping_as (plain, TRUE);
}

static RunconfNode *
end_frame (RunconfBuilder *self, Frame *frame, GError **error)
{
  RunconfNode **items = (RunconfNode **) self->items->pdata + frame->first_item;
  guint length = self->items->len - frame->first_item;
  RunconfNode *node;

  if (frame->kind == RUNCONF_SPAN_MAPPING)
    node = end_mapping (self, frame, items, length, error);
  else
    node = runconf_node_new_sequence (items, length);
  g_ptr_array_set_size (self->items, frame->first_item);

  return node != NULL && frame->is_replacing ? take_replacing (node) : node;
}

/**
 * runconf_builder_close:
 *
 * Closes the innermost open collection.
 *
 * Returns: %FALSE with @error if it has a duplicate key, or a merge key can't refer to it
 */
gboolean
runconf_builder_close (RunconfBuilder *self, GError **error)
{
  Frame *frame = get_top (self);
  guint span = frame->span;
  RunconfNode *node = end_frame (self, frame, error);

  if (node == NULL)
    return FALSE;

  if (frame->anchor != NULL)
    runconf_anchors_close (self->anchors, frame->anchor, span, node);
  frame_clear (frame);
  self->depth--;

  return add_node (self, span, node, error);
}

/**
 * runconf_builder_end:
 *
 * Returns: (transfer full) (nullable): the tree, %NULL if nothing was added
 */
RunconfNode *
runconf_builder_end (RunconfBuilder *self)
{
  return g_steal_pointer (&self->root);
}
