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
  RunconfNode *value; /* %NULL for a reset */
};

static const char *const verb_names[] = {
  [RUNCONF_VERB_SET] = "set",
  [RUNCONF_VERB_MERGE] = "merge",
  [RUNCONF_VERB_RESET] = "reset",
  [RUNCONF_VERB_SAVE] = "save",
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
               "“%s” isn't an operation: use “set”, “merge”, “reset” or “save”", shown);

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

  if (!runconf_node_is_mapping (value) && (is_root || verb != RUNCONF_VERB_SET))
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
 * @value: (nullable): the value to set, merge or save; ignored for a reset
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
  if (verb != RUNCONF_VERB_RESET && !check_value (verb, path, value, error))
    return NULL;

  self = g_new0 (RunconfOperation, 1);
  self->verb = verb;
  self->path = g_steal_pointer (&path);
  self->value = verb != RUNCONF_VERB_RESET ? runconf_node_ref (value) : NULL;

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
 * Returns: (transfer none) (nullable): the value, %NULL for a reset
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
  const RunconfNode *base; /* the defaults, or %NULL */
  const RunconfNode *over; /* the overrides, or %NULL */
} Layers;

static const RunconfNode *
layers_get_top (const Layers *self)
{
  return self->over != NULL ? self->over : self->base;
}

static const RunconfNode *
get_key (const RunconfNode *node, const char *key)
{
  return node != NULL && runconf_node_is_mapping (node) ? runconf_mapping_get (node, key) : NULL;
}

/* Follows the path while it leads through mappings. Returns: the number of segments followed */
static guint
layers_follow (Layers *self, const RunconfPath *path)
{
  guint depth = 0;

  for (; depth < runconf_path_get_length (path); depth++)
    {
      const RunconfNode *top = layers_get_top (self);
      const char *key = runconf_path_get_segment (path, depth);

      if (top == NULL || !runconf_node_is_mapping (top))
        break;

      self->over = get_key (self->over, key);
      self->base = get_key (self->base, key);
    }

  return depth;
}

/* Changes the value at the end of the mappings on the path, and overrides that value as a whole. */
static RunconfNode *
apply_set (const RunconfOperation *self, const RunconfNode *defaults, const RunconfNode *overrides,
           GError **error)
{
  Layers layers = { defaults, overrides };
  guint depth = layers_follow (&layers, self->path);
  g_autofree char *prefix = runconf_path_get_prefix (self->path, depth);
  g_autoptr (RunconfPath) reached = runconf_path_new (prefix, NULL);
  g_autoptr (RunconfNode) value
      = set_inside (layers_get_top (&layers), self->path, depth, self->value, error);

  if (value == NULL)
    return NULL;

  return runconf_edit_set (overrides, reached, 0, value);
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

/* Returns: the overrides after @patch (RFC 7396), or %NULL if none remain */
static RunconfNode *
merge_patch (const Layers *layers, const RunconfNode *patch)
{
  g_autoptr (RunconfNode) old = NULL;
  g_autoptr (RunconfNode) merged = NULL;
  g_autoptr (GArray) changes = NULL;

  if (runconf_node_get_kind (patch) == RUNCONF_KIND_NULL)
    return NULL;
  if (!runconf_node_is_mapping (patch))
    return runconf_node_ref (patch);

  old = layers->over != NULL && runconf_node_is_mapping (layers->over)
            ? runconf_node_ref (layers->over)
            : runconf_mapping_new_empty ();
  changes = runconf_mapping_changes_new ();
  for (guint i = 0; i < runconf_node_get_length (patch); i++)
    {
      const char *key = runconf_mapping_get_key (patch, i, NULL);
      Layers below = { get_key (layers->base, key), get_key (old, key) };

      runconf_mapping_changes_add (changes, key,
                                   merge_patch (&below, runconf_node_get_child (patch, i)));
    }

  merged = runconf_mapping_change (old, changes);
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

/* Returns: the overrides that turn @base into @wanted, or %NULL if none are needed */
static RunconfNode *
subtract (const RunconfNode *base, const RunconfNode *wanted)
{
  g_autoptr (RunconfMappingBuilder) builder = NULL;
  guint n_kept = 0;

  if (base == NULL)
    return runconf_node_ref (wanted);
  if (!runconf_node_is_mapping (base) || !runconf_node_is_mapping (wanted))
    return runconf_node_equal (base, wanted) ? NULL : runconf_node_ref (wanted);

  builder = runconf_mapping_builder_new ();
  for (guint i = 0; i < runconf_node_get_length (wanted); i++)
    {
      gsize length;
      const char *key = runconf_mapping_get_key (wanted, i, &length);
      g_autoptr (RunconfNode) value
          = subtract (runconf_mapping_get (base, key), runconf_node_get_child (wanted, i));

      if (value != NULL)
        {
          runconf_mapping_builder_add (builder, key, length, value);
          n_kept++;
        }
    }

  return n_kept > 0 ? runconf_mapping_builder_end (builder) : NULL;
}

static RunconfNode *
apply_save (const RunconfOperation *self, const RunconfNode *defaults, const RunconfNode *overrides,
            GError **error)
{
  Layers layers = { defaults, overrides };
  g_autoptr (RunconfNode) value = NULL;

  if (!follow_to_end (self, &layers, error))
    return NULL;

  value = subtract (layers.base, self->value);

  return put_or_remove (overrides, self->path, value);
}

static RunconfNode *
apply_reset (const RunconfOperation *self, const RunconfNode *defaults,
             const RunconfNode *overrides, GError **error)
{
  Layers layers = { defaults, overrides };
  guint depth = layers_follow (&layers, self->path);
  const RunconfNode *top = layers_get_top (&layers);
  g_autoptr (RunconfNode) effective = NULL;

  if (top != NULL && depth == runconf_path_get_length (self->path))
    return runconf_edit_remove (overrides, self->path, 0);

  effective = runconf_merge (defaults, overrides);
  if (runconf_node_find (effective, self->path, error) != NULL)
    {
      g_autofree char *shown = runconf_escape (runconf_path_get_pointer (self->path), -1);
      g_autofree char *prefix = runconf_path_get_prefix (self->path, depth);
      g_autofree char *sequence = runconf_escape (prefix, -1);

      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
                   "%s: an element of a sequence can't be reset alone: reset %s, or set that "
                   "sequence without the element",
                   shown, sequence);
    }

  return NULL;
}

static RunconfNode *
apply_verb (const RunconfOperation *self, const RunconfNode *defaults, const RunconfNode *overrides,
            GError **error)
{
  switch (self->verb)
    {
    case RUNCONF_VERB_SET:
      return apply_set (self, defaults, overrides, error);
    case RUNCONF_VERB_MERGE:
      return apply_merge (self, defaults, overrides, error);
    case RUNCONF_VERB_SAVE:
      return apply_save (self, defaults, overrides, error);
    case RUNCONF_VERB_RESET:
      return apply_reset (self, defaults, overrides, error);
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
