/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "arena/arena-private.h"
#include "core/limits.h"
#include "core/path.h"
#include "core/small.h"

/* Reads more than one value: an arena finds entries by their path, and an entry of a mapping lists
 * its keys.
 */

/* An iterator over the keys of a mapping, in order. */
typedef struct
{
  const RunconfArenaView *view;
  const RunconfArenaKeys *keys;
  guint chunk;
  const char *next;
  const char *end;
} KeyIter;

static const RunconfArenaEntry *
find (const RunconfArenaView *view, const char *path)
{
  return runconf_arena_view_find (view, path, strlen (path));
}

static void
key_iter_init (KeyIter *self, const RunconfArenaView *view, const RunconfArenaEntry *entry)
{
  *self = (KeyIter){ .view = view };

  if (entry == NULL || entry->kind != RUNCONF_KIND_MAPPING)
    return;

  self->keys = runconf_arena_view_get (
      view, RUNCONF_ARENA_BLOCK_PLACE (entry->value),
      MAX (RUNCONF_ARENA_BLOCK_SIZE (entry->value), sizeof (RunconfArenaKeys)));
  if (self->keys != NULL
      && runconf_arena_view_get (view, RUNCONF_ARENA_BLOCK_PLACE (entry->value),
                                 sizeof (RunconfArenaKeys)
                                     + (gsize) self->keys->n_chunks * sizeof (guint32))
             == NULL)
    self->keys = NULL;
}

/* Returns: whether there is another chunk, and it is intact */
static gboolean
next_chunk (KeyIter *self)
{
  const RunconfArenaChunk *chunk;
  guint32 place;

  if (self->keys == NULL || self->chunk >= self->keys->n_chunks)
    return FALSE;

  place = self->keys->chunks[self->chunk++];
  chunk = runconf_arena_view_get (self->view, place, sizeof *chunk);
  if (chunk == NULL || chunk->n_bytes == 0
      || runconf_arena_view_get (self->view, place, sizeof *chunk + chunk->n_bytes) == NULL
      || chunk->bytes[chunk->n_bytes - 1] != '\0')
    return FALSE;

  self->next = chunk->bytes;
  self->end = chunk->bytes + chunk->n_bytes;

  return TRUE;
}

/* Returns: (transfer none) (nullable): the next key, or %NULL after the last one */
static const char *
key_iter_next (KeyIter *self, gsize *length)
{
  const char *key;

  if (self->next == self->end && !next_chunk (self))
    return NULL;

  key = self->next;
  *length = strlen (key);
  self->next += *length + 1;

  return key;
}

gboolean
runconf_arena_view_is_leaf (const RunconfArenaView *self, const RunconfArenaEntry *entry)
{
  KeyIter iter;
  gsize length;

  if (entry->kind != RUNCONF_KIND_MAPPING)
    return TRUE;

  key_iter_init (&iter, self, entry);

  return key_iter_next (&iter, &length) == NULL;
}

/* The tree to read out of an arena. */
typedef enum
{
  EFFECTIVE,
  DEFAULTS,
  OVERRIDES,
} Tree;

/* An override that equals the default isn't distinguished from the default.
 *
 * Returns: %FALSE if the tree has no value at the entry, or the arena is damaged
 */
static gboolean
get_value_in (const RunconfArenaView *view, const RunconfArenaEntry *entry, Tree tree,
              RunconfArenaValue *value)
{
  gboolean is_same = entry->default_kind == RUNCONF_ARENA_SAME_KIND;

  if (tree == DEFAULTS && !is_same)
    return runconf_arena_view_get_default (view, entry, value);
  if (tree == OVERRIDES && is_same && entry->kind != RUNCONF_KIND_MAPPING)
    return FALSE;

  return runconf_arena_view_get_value (view, entry, value);
}

static GVariant *make_variant (const RunconfArenaView *view, GString *path,
                               const RunconfArenaEntry *entry, Tree tree, guint depth);

/* Returns: (transfer floating) (nullable): the mapping; %NULL if there are no overrides in it */
static GVariant *
make_mapping (const RunconfArenaView *view, GString *path, const RunconfArenaEntry *entry,
              Tree tree, guint depth)
{
  gboolean is_value = tree != OVERRIDES || entry->default_kind != RUNCONF_ARENA_SAME_KIND;
  GVariantBuilder builder;
  KeyIter iter;
  const char *key;
  gsize length, path_length = path->len;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  key_iter_init (&iter, view, entry);
  while ((key = key_iter_next (&iter, &length)) != NULL)
    {
      const RunconfArenaEntry *child;
      GVariant *value = NULL;

      runconf_path_append (path, key);
      child = runconf_arena_view_find (view, path->str, path->len);
      if (child != NULL)
        value = make_variant (view, path, child, tree, depth + 1);
      g_string_truncate (path, path_length);
      if (value == NULL)
        continue;

      g_variant_builder_add (&builder, "{sv}", key, value);
      is_value = TRUE;
    }

  if (is_value)
    return g_variant_builder_end (&builder);

  g_variant_builder_clear (&builder);

  return NULL;
}

/* Copies the data, so that the result outlives the arena. A damaged part of it reads as the default
 * value of its type.
 */
static GVariant *
make_sequence (const RunconfArenaValue *value)
{
  gpointer data = g_memdup2 (value->data, value->size);

  return g_variant_new_from_data (G_VARIANT_TYPE ("av"), data, value->size, FALSE, g_free, data);
}

/* Returns: (transfer floating) (nullable): the value if it isn't a mapping; %NULL if it is one, or the
 *   arena is damaged
 */
static GVariant *
make_leaf (const RunconfArenaValue *value)
{
  switch (value->kind)
    {
    case RUNCONF_KIND_NULL:
      return g_variant_new_signature ("");
    case RUNCONF_KIND_BOOLEAN:
      return g_variant_new_boolean (value->boolean);
    case RUNCONF_KIND_INTEGER:
      return g_variant_new_int64 (value->integer);
    case RUNCONF_KIND_UNSIGNED:
      return g_variant_new_uint64 (value->unsigned_integer);
    case RUNCONF_KIND_DOUBLE:
      return g_variant_new_double (value->number);
    case RUNCONF_KIND_STRING:
      return g_utf8_validate_len (value->data, value->size, NULL)
                 ? g_variant_new_string (value->data)
                 : NULL;
    case RUNCONF_KIND_BINARY:
      return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, value->data, value->size, 1);
    case RUNCONF_KIND_SEQUENCE:
      return make_sequence (value);
    default:
      return NULL;
    }
}

/* Returns: (transfer floating) (nullable): the value of the entry; %NULL if the tree has none, or the
 *   arena is damaged
 */
static GVariant *
make_variant (const RunconfArenaView *view, GString *path, const RunconfArenaEntry *entry,
              Tree tree, guint depth)
{
  RunconfArenaValue value;

  if (depth > RUNCONF_MAX_SEGMENTS || !get_value_in (view, entry, tree, &value))
    return NULL;

  return value.kind == RUNCONF_KIND_MAPPING ? make_mapping (view, path, entry, tree, depth)
                                            : make_leaf (&value);
}

/* Returns: (transfer full) (nullable): the value if it isn't a mapping */
static GVariant *
get_leaf (const RunconfArenaValue *value)
{
  GVariant *variant = NULL;

  if (value->kind == RUNCONF_KIND_BOOLEAN)
    variant = runconf_small_get ('b', value->boolean != 0);
  else if (value->kind == RUNCONF_KIND_INTEGER)
    variant = runconf_small_get ('x', (guint64) value->integer);
  if (variant == NULL)
    variant = make_leaf (value);

  return variant != NULL ? g_variant_take_ref (variant) : NULL;
}

/* Returns: (transfer full) (nullable): the child of a container that @segment selects */
static GVariant *
get_child (GVariant *container, const char *segment)
{
  guint index;

  if (g_variant_is_of_type (container, G_VARIANT_TYPE_VARDICT))
    return g_variant_lookup_value (container, segment, NULL);

  if (g_variant_is_of_type (container, G_VARIANT_TYPE ("av"))
      && runconf_path_parse_index (segment, &index) && index < g_variant_n_children (container))
    {
      g_autoptr (GVariant) boxed = g_variant_get_child_value (container, index);

      return g_variant_get_variant (boxed);
    }

  return NULL;
}

/* Returns: (nullable): the entry at a path, unless the value of the tree there can only be in a
 *   sequence above: the value of an entry without a default may be in a mapping that overrides a
 *   sequence
 */
static const RunconfArenaEntry *
find_in (const RunconfArenaView *view, const char *path, Tree tree)
{
  const RunconfArenaEntry *entry = find (view, path);

  if (entry != NULL && tree == DEFAULTS && entry->default_kind == RUNCONF_ARENA_NO_KIND)
    return NULL;

  return entry;
}

/* Returns: (transfer full) (nullable): the value at a path that leads into a sequence */
static GVariant *
get_in_sequence (const RunconfArenaView *view, const char *pointer, Tree tree)
{
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);
  guint length = path != NULL ? runconf_path_get_length (path) : 0;
  g_autoptr (GVariant) value = NULL;

  while (value == NULL && length > 0)
    {
      g_autofree char *above = runconf_path_get_prefix (path, --length);
      const RunconfArenaEntry *entry = find_in (view, above, tree);
      RunconfArenaValue sequence;

      if (entry == NULL)
        continue;
      if (!get_value_in (view, entry, tree, &sequence) || sequence.kind != RUNCONF_KIND_SEQUENCE)
        return NULL;
      value = g_variant_ref_sink (make_sequence (&sequence));
    }

  for (; value != NULL && length < runconf_path_get_length (path); length++)
    {
      GVariant *child = get_child (value, runconf_path_get_segment (path, length));

      g_variant_unref (value);
      value = child;
    }

  return g_steal_pointer (&value);
}

static GVariant *
get_mapping (const RunconfArenaView *self, const char *path, const RunconfArenaEntry *entry,
             Tree tree)
{
  g_autoptr (GString) here = g_string_new (path);
  GVariant *value = make_mapping (self, here, entry, tree, 0);

  return value != NULL ? g_variant_ref_sink (value) : NULL;
}

static GVariant *
get_variant (const RunconfArenaView *self, const char *path, Tree tree)
{
  const RunconfArenaEntry *entry = find_in (self, path, tree);
  RunconfArenaValue value;

  if (entry == NULL)
    return get_in_sequence (self, path, tree);
  if (!get_value_in (self, entry, tree, &value))
    return NULL;

  return value.kind == RUNCONF_KIND_MAPPING ? get_mapping (self, path, entry, tree)
                                            : get_leaf (&value);
}

/**
 * runconf_arena_view_get_scalar:
 * @entry: (nullable): an entry of this view
 *
 * Takes as long as a copy of the value, unlike runconf_arena_view_get_variant().
 *
 * Returns: (transfer full) (nullable): the value of the entry if it is neither a mapping nor a
 *   sequence
 */
GVariant *
runconf_arena_view_get_scalar (const RunconfArenaView *self, const RunconfArenaEntry *entry)
{
  RunconfArenaValue value;

  if (entry == NULL || !runconf_arena_view_get_value (self, entry, &value)
      || value.kind == RUNCONF_KIND_MAPPING || value.kind == RUNCONF_KIND_SEQUENCE)
    return NULL;

  return get_leaf (&value);
}

/**
 * runconf_arena_view_get_variant:
 * @path: a JSON Pointer
 *
 * Returns: (transfer full) (nullable): the value at @path, which may be in a sequence; %NULL if
 *   there is none
 */
GVariant *
runconf_arena_view_get_variant (const RunconfArenaView *self, const char *path)
{
  return get_variant (self, path, EFFECTIVE);
}

/**
 * runconf_arena_view_get_default_variant:
 * @path: a JSON Pointer
 *
 * An arena has no default of a path without a value in force, and of a mapping that a value of another
 * kind overrides.
 *
 * Returns: (transfer full) (nullable): the default at @path, which may be in a sequence; %NULL if
 *   there is none
 */
GVariant *
runconf_arena_view_get_default_variant (const RunconfArenaView *self, const char *path)
{
  return get_variant (self, path, DEFAULTS);
}

/**
 * runconf_arena_view_get_override_variant:
 * @path: a JSON Pointer
 *
 * Returns: (transfer full) (nullable): the override at @path, with those below it, in a mapping; %NULL
 *   if there is none that differs from the default
 */
GVariant *
runconf_arena_view_get_override_variant (const RunconfArenaView *self, const char *path)
{
  return get_variant (self, path, OVERRIDES);
}

/**
 * runconf_arena_view_has:
 * @path: a JSON Pointer
 *
 * Returns: whether there is a value at @path, which may be in a sequence
 */
gboolean
runconf_arena_view_has (const RunconfArenaView *self, const char *path)
{
  g_autoptr (GVariant) value = NULL;

  if (find (self, path) != NULL)
    return TRUE;

  value = get_in_sequence (self, path, EFFECTIVE);

  return value != NULL;
}

static void
list_variant (GStrvBuilder *keys, GVariant *container)
{
  gboolean is_mapping = g_variant_is_of_type (container, G_VARIANT_TYPE_VARDICT);
  gboolean is_sequence = g_variant_is_of_type (container, G_VARIANT_TYPE ("av"));

  for (gsize i = 0; (is_mapping || is_sequence) && i < g_variant_n_children (container); i++)
    {
      g_autofree char *index = g_strdup_printf ("%" G_GSIZE_FORMAT, i);
      const char *key = index;

      if (is_mapping)
        g_variant_get_child (container, i, "{&sv}", &key, NULL);
      g_strv_builder_add (keys, key);
    }
}

/**
 * runconf_arena_view_list:
 * @path: a JSON Pointer
 *
 * Returns: (transfer full) (nullable): the keys of a mapping or the indices of a sequence, in
 *   order; empty for a scalar; %NULL if there is no value
 */
char **
runconf_arena_view_list (const RunconfArenaView *self, const char *path)
{
  const RunconfArenaEntry *entry = find (self, path);
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();

  if (entry != NULL && entry->kind == RUNCONF_KIND_MAPPING)
    {
      KeyIter iter;
      const char *key;
      gsize length;

      key_iter_init (&iter, self, entry);
      while ((key = key_iter_next (&iter, &length)) != NULL)
        g_strv_builder_add (keys, key);
    }
  else
    {
      g_autoptr (GVariant) value = runconf_arena_view_get_variant (self, path);

      if (value == NULL)
        return NULL;
      list_variant (keys, value);
    }

  return g_strv_builder_end (keys);
}

static gboolean
same_leaf (const RunconfArenaView *a_view, const RunconfArenaEntry *a_entry,
           const RunconfArenaView *b_view, const RunconfArenaEntry *b_entry)
{
  RunconfArenaValue a, b;

  if (a_entry == b_entry)
    return TRUE;
  if (!runconf_arena_view_get_value (a_view, a_entry, &a)
      || !runconf_arena_view_get_value (b_view, b_entry, &b) || a.kind != b.kind)
    return FALSE;

  if (a.kind == RUNCONF_KIND_DOUBLE)
    return a.number == b.number || (a.number != a.number && b.number != b.number);
  if (a.data != NULL)
    return a.size == b.size && memcmp (a.data, b.data, a.size) == 0;

  return a_entry->value == b_entry->value || a.kind == RUNCONF_KIND_MAPPING;
}

typedef struct
{
  const RunconfArenaView *from;
  const RunconfArenaView *to;
  GString *path;
  GPtrArray *paths;
} Diff;

static void diff_here (Diff *self, guint depth);

static void
diff_below (Diff *self, const char *key, guint depth)
{
  gsize length = self->path->len;

  runconf_path_append (self->path, key);
  diff_here (self, depth);
  g_string_truncate (self->path, length);
}

/* Visits each key of @from, and each key of @to that @from lacks. */
static void
diff_keys (Diff *self, const RunconfArenaEntry *from, const RunconfArenaEntry *to, guint depth)
{
  KeyIter iter;
  const char *key;
  gsize length;

  key_iter_init (&iter, self->from, from);
  while ((key = key_iter_next (&iter, &length)) != NULL)
    diff_below (self, key, depth);

  key_iter_init (&iter, self->to, to);
  while ((key = key_iter_next (&iter, &length)) != NULL)
    {
      gsize path_length = self->path->len;
      gboolean is_new;

      runconf_path_append (self->path, key);
      is_new = runconf_arena_view_find (self->from, self->path->str, self->path->len) == NULL;
      g_string_truncate (self->path, path_length);
      if (is_new)
        diff_below (self, key, depth);
    }
}

static void
diff_here (Diff *self, guint depth)
{
  const RunconfArenaEntry *from
      = runconf_arena_view_find (self->from, self->path->str, self->path->len);
  const RunconfArenaEntry *to
      = runconf_arena_view_find (self->to, self->path->str, self->path->len);
  gboolean from_leaf = from != NULL && runconf_arena_view_is_leaf (self->from, from);
  gboolean to_leaf = to != NULL && runconf_arena_view_is_leaf (self->to, to);

  if (depth > RUNCONF_MAX_SEGMENTS
      || (from_leaf && to_leaf && same_leaf (self->from, from, self->to, to)))
    return;

  /* as in core/diff.c, the root is never reported as a leaf */
  if ((from_leaf || to_leaf) && self->path->len > 0)
    g_ptr_array_add (self->paths, g_strndup (self->path->str, self->path->len));

  diff_keys (self, from, to, depth + 1);
}

/**
 * runconf_arena_view_diff:
 * @from: a view
 * @to: another view, of the same arena or another
 * @path: a JSON Pointer
 *
 * Compares the values at and below @path. Costs time for all of them.
 *
 * Returns: (transfer full) (element-type utf8): the paths of the leaves that differ
 */
GPtrArray *
runconf_arena_view_diff (const RunconfArenaView *from, const RunconfArenaView *to, const char *path)
{
  g_autoptr (GString) here = g_string_new (path);
  Diff diff = { from, to, here, g_ptr_array_new_with_free_func (g_free) };

  diff_here (&diff, 0);

  return diff.paths;
}
