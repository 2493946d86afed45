/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/operation.h"

#include <string.h>

#include "core/edit.h"
#include "core/error.h"
#include "core/escape.h"
#include "core/limits.h"
#include "core/mapping.h"
#include "core/merge.h"
#include "core/metadata.h"

struct _RunconfOperation
{
  RunconfVerb verb;
  RunconfPath *path;
  RunconfNode *value; /* %NULL for a reset and an unset */
};

static const char *const verb_names[] = {
  [RUNCONF_VERB_SET] = "set",   [RUNCONF_VERB_MERGE] = "merge", [RUNCONF_VERB_RESET] = "reset",
  [RUNCONF_VERB_SAVE] = "save", [RUNCONF_VERB_UNSET] = "unset", [RUNCONF_VERB_REPLACE] = "replace",
};

/**
 * runconf_verb_from_string:
 * @verb: (out): the verb
 *
 * Returns: %FALSE with %RUNCONF_ERROR_INVALID_VALUE if @name is not a verb
 */
gboolean
runconf_verb_from_string (const char *name, RunconfVerb *verb, GError **error)
{
  g_autofree char *shown = runconf_escape (name, -1);

  for (guint i = 0; i < G_N_ELEMENTS (verb_names); i++)
    {
      if (g_strcmp0 (name, verb_names[i]) == 0)
        {
          *verb = i;
          return TRUE;
        }
    }

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
               "“%s” isn't an operation: use “set”, “replace”, “merge”, “reset”, “unset” or “save”",
               shown);

  return FALSE;
}

/**
 * runconf_verb_has_value:
 *
 * Returns: whether an operation with this verb has a value
 */
gboolean
runconf_verb_has_value (RunconfVerb verb)
{
  return verb != RUNCONF_VERB_RESET && verb != RUNCONF_VERB_UNSET;
}

static gboolean
is_set (RunconfVerb verb)
{
  return verb == RUNCONF_VERB_SET || verb == RUNCONF_VERB_REPLACE;
}

/* A tag is the tag of a key: the whole configuration has none. */
static gboolean
check_root (RunconfVerb verb, GError **error)
{
  if (verb == RUNCONF_VERB_UNSET)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
                 "the whole configuration can't be unset: unset its keys");
  else if (verb == RUNCONF_VERB_REPLACE)
    g_set_error (
        error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
        "the whole configuration can't be replaced: replace its keys, and unset those that "
        "have to go");
  else
    return TRUE;

  return FALSE;
}

static gboolean
check_path (const RunconfPath *path, GError **error)
{
  g_autofree char *shown = runconf_escape (runconf_path_get_pointer (path), -1);
  guint length = runconf_path_get_length (path);

  if (length > 0 && g_strcmp0 (runconf_path_get_segment (path, 0), RUNCONF_METADATA_KEY) == 0)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
                   "%s: “" RUNCONF_METADATA_KEY
                   "” is managed by Runconf itself and isn't part of the configuration",
                   shown);
      return FALSE;
    }

  for (guint i = 0; i < length; i++)
    {
      if (strlen (runconf_path_get_segment (path, i)) > RUNCONF_MAX_KEY_BYTES)
        {
          g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
                       "%s: a key holds at most %d bytes", shown, RUNCONF_MAX_KEY_BYTES);
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
check_value (RunconfVerb verb, const RunconfPath *path, const RunconfNode *value, GError **error)
{
  g_autofree char *shown = runconf_escape (runconf_path_get_pointer (path), -1);
  gboolean is_root = runconf_path_get_length (path) == 0;

  if (!runconf_node_is_mapping (value) && (is_root || !is_set (verb)))
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                   "%s: the type %s isn't allowed here: %s",
                   is_root ? "the whole configuration" : shown, runconf_node_get_kind_name (value),
                   verb == RUNCONF_VERB_SET ? "it has to be a mapping"
                                            : "a merged or saved value has to be a mapping");
      return FALSE;
    }

  if (is_root && runconf_mapping_get (value, RUNCONF_METADATA_KEY) != NULL)
    {
      g_set_error (
          error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
          "/" RUNCONF_METADATA_KEY
          ": it is managed by Runconf itself and isn't part of the configuration: leave it out");
      return FALSE;
    }

  return TRUE;
}

/**
 * runconf_operation_new:
 * @pointer: a JSON Pointer
 * @value: (nullable): the value to set, merge or save, without tags if it isn't merged; ignored for
 *   a reset and an unset
 *
 * Returns: (transfer full) (nullable): the operation, or %NULL with %RUNCONF_ERROR_INVALID_PATH,
 *   %RUNCONF_ERROR_INVALID_VALUE or %RUNCONF_ERROR_TOO_LARGE
 */
RunconfOperation *
runconf_operation_new (RunconfVerb verb, const char *pointer, const RunconfNode *value,
                       GError **error)
{
  g_autoptr (RunconfOperation) self = NULL;
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, error);

  if (path == NULL || !check_path (path, error))
    return NULL;
  if (runconf_path_get_length (path) == 0 && !check_root (verb, error))
    return NULL;
  if (runconf_verb_has_value (verb) && !check_value (verb, path, value, error))
    return NULL;

  self = g_new0 (RunconfOperation, 1);
  self->verb = verb;
  self->path = g_steal_pointer (&path);
  self->value = runconf_verb_has_value (verb) ? runconf_node_ref (value) : NULL;

  return g_steal_pointer (&self);
}

void
runconf_operation_free (RunconfOperation *self)
{
  runconf_path_free (self->path);
  g_clear_pointer (&self->value, runconf_node_unref);
  g_free (self);
}

RunconfVerb
runconf_operation_get_verb (const RunconfOperation *self)
{
  return self->verb;
}

const RunconfPath *
runconf_operation_get_path (const RunconfOperation *self)
{
  return self->path;
}

/**
 * runconf_operation_get_value:
 *
 * Returns: (transfer none) (nullable): the value, %NULL for a reset and an unset
 */
const RunconfNode *
runconf_operation_get_value (const RunconfOperation *self)
{
  return self->value;
}

static void
set_through_scalar (const RunconfPath *path, guint depth, const RunconfNode *there, GError **error)
{
  g_autofree char *wanted = runconf_escape (runconf_path_get_pointer (path), -1);
  g_autofree char *prefix = runconf_path_get_prefix (path, depth);
  g_autofree char *reached = runconf_escape (prefix, -1);

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
               "%s: can't be written below %s, which is of type %s: set %s to a mapping first",
               wanted, reached, runconf_node_get_kind_name (there), reached);
}

static gboolean
get_position (const RunconfNode *sequence, const RunconfPath *path, guint depth, guint *position,
              GError **error)
{
  const char *segment = runconf_path_get_segment (path, depth);
  guint length = runconf_node_get_length (sequence);
  g_autofree char *shown = runconf_escape (runconf_path_get_pointer (path), -1);
  g_autofree char *shown_segment = runconf_escape (segment, -1);

  if (g_strcmp0 (segment, "-") == 0)
    {
      *position = length;
      return TRUE;
    }

  if (!runconf_path_parse_index (segment, position))
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
                   "%s: “%s” isn't an index of a sequence: use 0, 1, … or “-” to append", shown,
                   shown_segment);
      return FALSE;
    }

  if (*position >= length)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
                   "%s: past the end: the sequence has %u elements; use “-” to append", shown,
                   length);
      return FALSE;
    }

  return TRUE;
}

/* Returns: @there with @value at the rest of the path. Layers don't matter here: @there is inside a
 * sequence, which is overridden whole, or there was no value before.
 */
static RunconfNode *
set_inside (const RunconfNode *there, const RunconfPath *path, guint depth,
            const RunconfNode *value, GError **error)
{
  g_autoptr (RunconfNode) child = NULL;
  g_autoptr (GPtrArray) items = NULL;
  guint length, position;

  if (depth == runconf_path_get_length (path))
    return runconf_node_ref (value);

  if (there == NULL && g_strcmp0 (runconf_path_get_segment (path, depth), "-") == 0)
    {
      child = set_inside (NULL, path, depth + 1, value, error);
      return runconf_node_new_sequence (&child, 1);
    }

  if (there == NULL || runconf_node_is_mapping (there))
    {
      const char *key = runconf_path_get_segment (path, depth);
      g_autoptr (RunconfNode) mapping
          = there != NULL ? runconf_node_ref (there) : runconf_mapping_new_empty ();

      child = set_inside (runconf_mapping_get (mapping, key), path, depth + 1, value, error);

      return child != NULL ? runconf_mapping_with (mapping, key, child) : NULL;
    }

  if (runconf_node_get_kind (there) != RUNCONF_KIND_SEQUENCE)
    {
      set_through_scalar (path, depth, there, error);
      return NULL;
    }

  if (!get_position (there, path, depth, &position, error))
    return NULL;

  length = runconf_node_get_length (there);
  child = set_inside (position < length ? runconf_node_get_child (there, position) : NULL, path,
                      depth + 1, value, error);
  if (child == NULL)
    return NULL;

  items = g_ptr_array_new ();
  for (guint i = 0; i < length; i++)
    g_ptr_array_add (items, (gpointer) runconf_node_get_child (there, i));
  if (position < length)
    items->pdata[position] = child;
  else
    g_ptr_array_add (items, child);

  return runconf_node_new_sequence ((RunconfNode *const *) items->pdata, items->len);
}

/* The values at a path in the two layers. */
typedef struct
{
  const RunconfNode *base; /* the defaults, or %NULL if there is none, or @over's parent hides it */
  const RunconfNode *over; /* the overrides, or %NULL */
} Layers;

/* Returns: (nullable): the stronger value, %NULL if there is none, or it is unset */
static const RunconfNode *
layers_get_top (const Layers *self)
{
  if (self->over == NULL)
    return self->base;

  return runconf_node_is_unset (self->over) ? NULL : self->over;
}

static const RunconfNode *
get_key (const RunconfNode *node, const char *key)
{
  return node != NULL && runconf_node_is_mapping (node) ? runconf_mapping_get (node, key) : NULL;
}

static Layers
layers_get_key (const Layers *self, const char *key)
{
  gboolean is_hidden = self->over != NULL && !runconf_node_is_merging (self->over);

  return (Layers){ is_hidden ? NULL : get_key (self->base, key), get_key (self->over, key) };
}

/* Follows the path while it leads through mappings. Returns: the number of segments followed */
static guint
layers_follow (Layers *self, const RunconfPath *path)
{
  guint depth = 0;

  for (; depth < runconf_path_get_length (path); depth++)
    {
      const RunconfNode *top = layers_get_top (self);

      if (top == NULL || !runconf_node_is_mapping (top))
        break;

      *self = layers_get_key (self, runconf_path_get_segment (path, depth));
    }

  return depth;
}

/* Returns: whether the rest of the path, below @there, leads into a sequence: there are no tags */
static gboolean
enters_sequence (const RunconfPath *path, guint depth, const RunconfNode *there)
{
  gboolean enters = there != NULL && runconf_node_get_kind (there) == RUNCONF_KIND_SEQUENCE
                    && depth < runconf_path_get_length (path);

  for (guint i = depth; i < runconf_path_get_length (path) && !enters; i++)
    enters = g_strcmp0 (runconf_path_get_segment (path, i), "-") == 0;

  return enters;
}

static RunconfNode *
tag_value (const RunconfOperation *self, guint depth, const RunconfNode *there)
{
  gboolean is_tagged = self->verb == RUNCONF_VERB_REPLACE && runconf_node_is_mapping (self->value)
                       && !enters_sequence (self->path, depth, there);

  return is_tagged ? runconf_mapping_as (self->value, TRUE) : runconf_node_ref (self->value);
}

/* Changes the value at the end of the mappings on the path, and overrides that value as a whole. A
 * new mapping above the value hides the same values as the unset in whose place it is.
 */
static RunconfNode *
apply_set (const RunconfOperation *self, const RunconfNode *defaults, const RunconfNode *overrides,
           GError **error)
{
  Layers layers = { defaults, overrides };
  guint depth = layers_follow (&layers, self->path);
  gboolean was_unset = layers.over != NULL && runconf_node_is_unset (layers.over);
  const RunconfNode *there = layers_get_top (&layers);
  g_autofree char *prefix = runconf_path_get_prefix (self->path, depth);
  g_autoptr (RunconfPath) reached = runconf_path_new (prefix, NULL);
  g_autoptr (RunconfNode) value = tag_value (self, depth, there);
  g_autoptr (RunconfNode) inside = set_inside (there, self->path, depth, value, error);
  g_autoptr (RunconfNode) whole = NULL;

  if (inside == NULL)
    return NULL;

  whole = was_unset && depth < runconf_path_get_length (self->path)
                  && runconf_node_is_mapping (inside)
              ? runconf_mapping_as (inside, TRUE)
              : runconf_node_ref (inside);

  return runconf_edit_set (overrides, reached, 0, whole);
}

/* Returns: whether a merge result that is an empty mapping has to be stored as an override. It has
 * to if it replaces a scalar, so that repeating the merge changes nothing. It doesn't have to if
 * the defaults have a mapping there, nor if the patch only removes keys.
 */
static gboolean
is_empty_override (const Layers *layers, const RunconfNode *patch)
{
  const RunconfNode *base = layers->base;
  const RunconfNode *over = layers->over;

  if (over != NULL && runconf_node_is_mapping (over) && runconf_node_get_length (over) == 0)
    return TRUE;
  if (base != NULL)
    return !runconf_node_is_mapping (base);

  return runconf_node_get_length (patch) == 0 || (over != NULL && !runconf_node_is_mapping (over));
}

/* Returns: the overrides after @patch (RFC 7396), or %NULL if none remain. A patch may have tags: they
 * become overrides.
 */
static RunconfNode *
merge_patch (const Layers *layers, const RunconfNode *patch)
{
  gboolean was_unset = layers->over != NULL && runconf_node_is_unset (layers->over);
  Layers now = *layers;
  g_autoptr (RunconfNode) old = NULL;
  g_autoptr (RunconfNode) merged = NULL;
  g_autoptr (GArray) changes = NULL;

  if (runconf_node_get_kind (patch) == RUNCONF_KIND_NULL)
    return NULL;
  if (!runconf_node_is_merging (patch))
    return runconf_node_ref (patch);

  old = runconf_edit_open (layers->over);
  now.over = old;
  changes = runconf_mapping_changes_new ();
  for (guint i = 0; i < runconf_node_get_length (patch); i++)
    {
      const char *key = runconf_mapping_get_key (patch, i, NULL);
      Layers below = layers_get_key (&now, key);

      runconf_mapping_changes_add (changes, key,
                                   merge_patch (&below, runconf_node_get_child (patch, i)));
    }

  merged = runconf_mapping_change (old, changes);
  if (was_unset && runconf_node_get_length (merged) == 0 && runconf_node_get_length (patch) > 0)
    return runconf_node_ref (layers->over);
  if (runconf_node_is_replacing (merged))
    return g_steal_pointer (&merged);
  if (runconf_node_get_length (merged) == 0 && !is_empty_override (layers, patch))
    return NULL;

  return g_steal_pointer (&merged);
}

static RunconfNode *
put_or_remove (const RunconfNode *overrides, const RunconfPath *path, const RunconfNode *value)
{
  if (value == NULL)
    return runconf_edit_remove (overrides, path, 0);

  return runconf_edit_set (overrides, path, 0, value);
}

/* Merge and Save fail if the path leads through a value that isn't a mapping. */
static gboolean
follow_to_end (const RunconfOperation *self, Layers *layers, GError **error)
{
  guint depth = layers_follow (layers, self->path);
  const RunconfNode *top = layers_get_top (layers);

  if (depth == runconf_path_get_length (self->path))
    return TRUE;

  if (top != NULL)
    {
      set_through_scalar (self->path, depth, top, error);
      return FALSE;
    }

  *layers = (Layers){ NULL, NULL };

  return TRUE;
}

/* Returns: a patch of the root that has @patch at @path */
static RunconfNode *
wrap_patch (const RunconfPath *path, const RunconfNode *patch)
{
  RunconfNode *wrapped = runconf_node_ref (patch);

  for (guint i = runconf_path_get_length (path); i > 0; i--)
    {
      g_autoptr (RunconfNode) inner = wrapped;
      g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();

      wrapped = runconf_mapping_with (nothing, runconf_path_get_segment (path, i - 1), inner);
    }

  return wrapped;
}

/* Merges at the root: if the patch removes the last key of an override, the mappings above that
 * override are handled as for a patch of the root.
 */
static RunconfNode *
apply_merge (const RunconfOperation *self, const RunconfNode *defaults,
             const RunconfNode *overrides, GError **error)
{
  Layers layers = { defaults, overrides };
  Layers whole = layers;
  g_autoptr (RunconfNode) patch = NULL;
  RunconfNode *merged;

  if (!follow_to_end (self, &layers, error))
    return NULL;

  patch = wrap_patch (self->path, self->value);
  merged = merge_patch (&whole, patch);
  if (merged != NULL)
    return merged;

  /* if nothing changes, the result is the same tree */
  return runconf_node_get_length (overrides) == 0 ? runconf_node_ref (overrides)
                                                  : runconf_mapping_new_empty ();
}

/* Keeps the keys that are unset, and that the wanted mapping doesn't have. */
static void
keep_unset (RunconfMappingBuilder *builder, const RunconfNode *over, const RunconfNode *wanted)
{
  for (guint i = 0; runconf_node_has_tags (over) && i < runconf_node_get_length (over); i++)
    {
      const RunconfNode *child = runconf_node_get_child (over, i);
      gsize length;
      const char *key = runconf_mapping_get_key (over, i, &length);

      if (runconf_node_is_unset (child) && runconf_mapping_get (wanted, key) == NULL)
        runconf_mapping_builder_add (builder, key, length, child);
    }
}

static RunconfNode *subtract (const Layers *layers, const RunconfNode *wanted);

/* Returns: the overrides that turn the base into the mapping @wanted, with the tags of @over */
static RunconfNode *
subtract_keys (const RunconfNode *base, const RunconfNode *over, const RunconfNode *wanted)
{
  Layers layers = { base, over };
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();
  g_autoptr (RunconfNode) needed = NULL;

  for (guint i = 0; i < runconf_node_get_length (wanted); i++)
    {
      gsize length;
      const char *key = runconf_mapping_get_key (wanted, i, &length);
      Layers below = layers_get_key (&layers, key);
      g_autoptr (RunconfNode) value = subtract (&below, runconf_node_get_child (wanted, i));

      if (value != NULL)
        runconf_mapping_builder_add (builder, key, length, value);
    }

  keep_unset (builder, over, wanted);
  needed = runconf_mapping_builder_end (builder);

  return runconf_mapping_as (needed, runconf_node_is_replacing (over));
}

/* Returns: the overrides that turn the base into @wanted, or %NULL if none are needed. Tags stay
 * where @wanted doesn't contradict them.
 */
static RunconfNode *
subtract (const Layers *layers, const RunconfNode *wanted)
{
  const RunconfNode *base = layers->base;
  g_autoptr (RunconfNode) over = NULL;
  g_autoptr (RunconfNode) needed = NULL;

  if (!runconf_node_is_mapping (wanted))
    return base != NULL && runconf_node_equal (base, wanted) ? NULL : runconf_node_ref (wanted);

  over = runconf_edit_open (layers->over);
  if ((base == NULL || !runconf_node_is_mapping (base)) && !runconf_node_has_tags (over))
    return runconf_node_ref (wanted);

  needed = subtract_keys (base, over, wanted);
  if (base == NULL || !runconf_node_is_mapping (base))
    return g_steal_pointer (&needed);

  return runconf_edit_close (g_steal_pointer (&needed));
}

static RunconfNode *
apply_save (const RunconfOperation *self, const RunconfNode *defaults, const RunconfNode *overrides,
            GError **error)
{
  Layers layers = { defaults, overrides };
  g_autoptr (RunconfNode) value = NULL;

  if (!follow_to_end (self, &layers, error))
    return NULL;

  value = subtract (&layers, self->value);

  return put_or_remove (overrides, self->path, value);
}

/* Fails: an element of a sequence can't be reset or unset, and other paths have no value. */
static void
set_no_override (const RunconfOperation *self, guint depth, const RunconfNode *defaults,
                 const RunconfNode *overrides, GError **error)
{
  g_autoptr (RunconfNode) effective = runconf_merge (defaults, overrides);
  g_autofree char *shown = runconf_escape (runconf_path_get_pointer (self->path), -1);
  g_autofree char *prefix = runconf_path_get_prefix (self->path, depth);
  g_autofree char *sequence = runconf_escape (prefix, -1);
  const char *verb = verb_names[self->verb];

  if (runconf_node_find (effective, self->path, error) != NULL)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
                 "%s: an element of a sequence can't be %s alone: %s %s, or set that "
                 "sequence without the element",
                 shown, verb, verb, sequence);
}

static RunconfNode *
apply_reset (const RunconfOperation *self, const RunconfNode *defaults,
             const RunconfNode *overrides, GError **error)
{
  Layers layers = { defaults, overrides };
  guint depth = layers_follow (&layers, self->path);

  if (depth == runconf_path_get_length (self->path) && (layers.over != NULL || layers.base != NULL))
    return runconf_edit_remove (overrides, self->path, 0);

  set_no_override (self, depth, defaults, overrides, error);

  return NULL;
}

/* Returns: @over without the key at the path, which it has. A mapping that this leaves empty stays
 * if it hides a value, or is the only one there: nothing else changes.
 */
static RunconfNode *
remove_key (const Layers *layers, const RunconfPath *path, guint depth)
{
  const char *key = runconf_path_get_segment (path, depth);
  Layers below = layers_get_key (layers, key);
  g_autoptr (RunconfNode) left = NULL;

  if (depth + 1 == runconf_path_get_length (path))
    return runconf_mapping_without (layers->over, key);

  left = remove_key (&below, path, depth + 1);
  if (below.base != NULL && runconf_node_is_mapping (below.base))
    left = runconf_edit_close (g_steal_pointer (&left));

  return left != NULL ? runconf_mapping_with (layers->over, key, left)
                      : runconf_mapping_without (layers->over, key);
}

/* Returns: whether the defaults have a value at the path, visible or not */
static gboolean
has_default (const RunconfNode *defaults, const RunconfPath *path)
{
  Layers layers = { defaults, NULL };

  return layers_follow (&layers, path) == runconf_path_get_length (path) && layers.base != NULL;
}

static RunconfNode *
apply_unset (const RunconfOperation *self, const RunconfNode *defaults,
             const RunconfNode *overrides, GError **error)
{
  Layers whole = { defaults, overrides };
  Layers layers = whole;
  guint depth = layers_follow (&layers, self->path);
  gboolean is_end = depth == runconf_path_get_length (self->path);
  const RunconfNode *top = layers_get_top (&layers);
  g_autoptr (RunconfNode) unset = NULL;

  if (is_end && layers.base != NULL)
    {
      unset = runconf_node_new_unset ();
      return runconf_edit_set (overrides, self->path, 0, unset);
    }
  if (is_end && top != NULL)
    return remove_key (&whole, self->path, 0);

  if ((is_end && layers.over != NULL) || has_default (defaults, self->path))
    return runconf_node_ref (overrides);

  set_no_override (self, depth, defaults, overrides, error);

  return NULL;
}

static RunconfNode *
apply_verb (const RunconfOperation *self, const RunconfNode *defaults, const RunconfNode *overrides,
            GError **error)
{
  switch (self->verb)
    {
    case RUNCONF_VERB_SET:
    case RUNCONF_VERB_REPLACE:
      return apply_set (self, defaults, overrides, error);
    case RUNCONF_VERB_MERGE:
      return apply_merge (self, defaults, overrides, error);
    case RUNCONF_VERB_SAVE:
      return apply_save (self, defaults, overrides, error);
    case RUNCONF_VERB_RESET:
      return apply_reset (self, defaults, overrides, error);
    case RUNCONF_VERB_UNSET:
      return apply_unset (self, defaults, overrides, error);
    default:
      g_return_val_if_reached (NULL);
    }
}

/**
 * runconf_operation_apply:
 * @defaults: the defaults
 * @overrides: the current overrides
 *
 * Returns: (transfer full) (nullable): the overrides after the operation, @overrides itself if
 *   nothing changes, or %NULL with %RUNCONF_ERROR_INVALID_PATH, %RUNCONF_ERROR_NOT_FOUND or
 *   %RUNCONF_ERROR_TOO_LARGE
 */
RunconfNode *
runconf_operation_apply (const RunconfOperation *self, const RunconfNode *defaults,
                         const RunconfNode *overrides, GError **error)
{
  g_autoptr (RunconfNode) changed = apply_verb (self, defaults, overrides, error);

  if (changed == NULL || !runconf_node_check_limits (changed, error))
    return NULL;

  if (runconf_node_equal (changed, overrides))
    return runconf_node_ref (overrides);

  return g_steal_pointer (&changed);
}
