/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/change-private.h"

#include <string.h>

#include "client/base.h"
#include "client/enums-private.h"

/**
 * RunconfChange: (ref-func runconf_change_ref) (unref-func runconf_change_unref)
 *
 * One change of a configuration: its version, its author, and the paths with their old and new
 * values.
 *
 * A change comes from one of three places:
 *
 * - The signals [signal@Watch::changed] and [signal@Configuration::changed]. The values are effective
 *   values. The old value is the one that the same object has reported last. The values are read
 *   when they are requested, so a program that needs none pays nothing for them. A change keeps the
 *   values of its version and of the version before in memory, so keep only changes that are needed.
 * - [method@Configuration.history]. The values are overrides, and a mapping that replaces a default
 *   as a whole is `{"!replace": …}`, a value that was taken away `{"!unset": null}`.
 * - [method@Configuration.diff]. The values are effective values at the two versions. The version of
 *   the change is the second one, and the author is unknown.
 *
 * A change never changes itself. It can be used in any thread.
 *
 * Since: 1.0
 */
struct _RunconfChange
{
  gint ref_count; /* atomic */
  guint64 version;
  gint64 time;
  GPtrArray *paths;

  /* the entry of the history or the details of the signal. Nothing may serialise it, because strings in
   * it are returned without a copy.
   */
  GVariant *details;

  /* of a signal: the snapshots that it lies between. If @after is of a later version, @values are the
   * values that the signal has
   */
  RunconfSnapshot *before;
  RunconfSnapshot *after;
  GVariant *values;

  /* The service commits several changes together, and the memory has their common result only. Then
   * @previous is the change whose result @before doesn't have, and @latest is the last one of those
   * that are reported as one.
   */
  RunconfChange *previous;
  RunconfChange *latest;

  /* of the history and of a difference: `a(svv)`, and the index of each path */
  GVariant *differences;
  GHashTable *positions;
};

G_DEFINE_BOXED_TYPE (RunconfChange, runconf_change, runconf_change_ref, runconf_change_unref)

/* @paths: (transfer full): with a terminating %NULL */
static RunconfChange *
change_new (GPtrArray *paths, guint64 version)
{
  RunconfChange *self = g_new0 (RunconfChange, 1);

  self->ref_count = 1;
  self->paths = paths;
  self->version = version;

  return self;
}

/**
 * runconf_change_is_exact: (skip)
 *
 * Returns: whether the memory has the result of the change alone
 */
gboolean
runconf_change_is_exact (RunconfChange *self)
{
  return self->after != NULL && runconf_snapshot_get_version (self->after) == self->version;
}

static void
set_snapshots (RunconfChange *self, RunconfSnapshot *before, RunconfSnapshot *after)
{
  self->before = runconf_snapshot_ref (before);
  self->after = runconf_snapshot_ref (after);
  if (runconf_change_is_exact (self))
    self->time = runconf_snapshot_get_last_modified (after);
}

/**
 * runconf_change_new_step: (skip)
 * @paths: (transfer full): the paths, with a terminating %NULL
 * @details: (nullable): the details of the signal
 * @before: a snapshot with the old values
 * @after: a snapshot with the new values, or with other ones if there is none of this version
 * @previous: (nullable): the change before
 *
 * Returns: (transfer full): a change that a signal has reported
 */
RunconfChange *
runconf_change_new_step (GPtrArray *paths, guint64 version, GVariant *details,
                         RunconfSnapshot *before, RunconfSnapshot *after, RunconfChange *previous)
{
  RunconfChange *self = change_new (paths, version);

  set_snapshots (self, before, after);
  self->details = details != NULL ? g_variant_ref (details) : NULL;
  if (details != NULL && !runconf_change_is_exact (self))
    self->values = g_variant_lookup_value (details, "values", G_VARIANT_TYPE_VARDICT);
  if (previous != NULL && runconf_snapshot_get_version (before) < previous->version)
    self->previous = runconf_change_ref (previous);

  return self;
}

/**
 * runconf_change_new_united: (skip)
 * @paths: (transfer full): the paths of all changes, with a terminating %NULL
 * @first: the first of several changes that signals have reported
 * @last: the last of them
 *
 * Returns: (transfer full): all changes from @first to @last as one
 */
RunconfChange *
runconf_change_new_united (GPtrArray *paths, RunconfChange *first, RunconfChange *last)
{
  RunconfChange *self = change_new (paths, last->version);

  set_snapshots (self, first->before, last->after);
  if (first->previous != NULL)
    self->previous = runconf_change_ref (first->previous);
  if (!runconf_change_is_exact (last))
    self->latest = runconf_change_ref (last);

  return self;
}

/* Returns: (transfer full): the values at and below @base, by their paths in it */
static GVariant *
take_part (GVariant *values, const char *base)
{
  GVariantBuilder part;
  GVariantIter iter;
  const char *path;
  GVariant *value;

  g_variant_builder_init (&part, G_VARIANT_TYPE_VARDICT);
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "{&sv}", &path, &value))
    if (runconf_base_strip (base, path) != NULL)
      g_variant_builder_add (&part, "{sv}", runconf_base_strip (base, path), value);

  return g_variant_ref_sink (g_variant_builder_end (&part));
}

/**
 * runconf_change_new_in_part: (skip)
 * @whole: a change between two snapshots, all of whose paths are at or below @base
 * @base: the path of a part of the configuration
 *
 * Returns: (transfer full): the change with paths in the part
 */
RunconfChange *
runconf_change_new_in_part (RunconfChange *whole, const char *base)
{
  const char *const *paths = runconf_change_get_paths (whole);
  GPtrArray *stripped = g_ptr_array_new_with_free_func (g_free);
  RunconfChange *self;

  for (guint i = 0; paths[i] != NULL; i++)
    g_ptr_array_add (stripped, g_strdup (runconf_base_strip (base, paths[i])));
  g_ptr_array_add (stripped, NULL);

  self = change_new (stripped, whole->version);
  self->time = whole->time;
  self->details = whole->details != NULL ? g_variant_ref (whole->details) : NULL;
  self->before = runconf_snapshot_get_part (whole->before, base);
  self->after = runconf_snapshot_get_part (whole->after, base);
  self->values = whole->values != NULL ? take_part (whole->values, base) : NULL;
  if (whole->previous != NULL)
    self->previous = runconf_change_new_in_part (whole->previous, base);
  if (whole->latest != NULL)
    self->latest = runconf_change_new_in_part (whole->latest, base);

  return self;
}

static void
set_differences (RunconfChange *self, GVariant *differences)
{
  gsize length = g_variant_n_children (differences);

  self->differences = g_variant_ref (differences);
  self->positions = g_hash_table_new (g_str_hash, g_str_equal);
  for (gsize i = 0; i < length; i++)
    {
      char *path;

      g_variant_get_child (differences, i, "(svv)", &path, NULL, NULL);
      g_ptr_array_add (self->paths, path);
      g_hash_table_insert (self->positions, path, GSIZE_TO_POINTER (i));
    }
}

/* @differences: (nullable): `a(svv)` */
static RunconfChange *
new_with_differences (guint64 version, GVariant *differences)
{
  RunconfChange *self = change_new (g_ptr_array_new_with_free_func (g_free), version);

  if (differences != NULL)
    set_differences (self, differences);
  g_ptr_array_add (self->paths, NULL);

  return self;
}

/**
 * runconf_change_new_recorded: (skip)
 * @entry: an entry of the history, an `a{sv}` in the form that form.c checks
 *
 * Returns: (transfer full): the change
 */
RunconfChange *
runconf_change_new_recorded (GVariant *entry)
{
  g_autoptr (GVariant) differences
      = g_variant_lookup_value (entry, "changes", G_VARIANT_TYPE ("a(svv)"));
  RunconfChange *self = new_with_differences (0, differences);
  guint64 time;

  self->details = g_variant_ref (entry);
  g_variant_lookup (entry, "version", "t", &self->version);
  if (g_variant_lookup (entry, "time", "t", &time))
    self->time = (gint64) time;

  return self;
}

/**
 * runconf_change_new_difference: (skip)
 * @version: the second version
 * @differences: `a(svv)`
 *
 * Returns: (transfer full): the difference of two versions
 */
RunconfChange *
runconf_change_new_difference (guint64 version, GVariant *differences)
{
  return new_with_differences (version, differences);
}

/**
 * runconf_change_ref:
 * @self: a change
 *
 * Increases the reference count. Never blocks. Can be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
RunconfChange *
runconf_change_ref (RunconfChange *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);

  return self;
}

/**
 * runconf_change_unref:
 * @self: (transfer full): a change
 *
 * Decreases the reference count, and frees the change when it is 0. Never blocks. Can be called from
 * any thread.
 *
 * Since: 1.0
 */
void
runconf_change_unref (RunconfChange *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_pointer (&self->positions, g_hash_table_unref);
  g_clear_pointer (&self->differences, g_variant_unref);
  g_clear_pointer (&self->values, g_variant_unref);
  g_clear_pointer (&self->details, g_variant_unref);
  g_clear_pointer (&self->previous, runconf_change_unref);
  g_clear_pointer (&self->latest, runconf_change_unref);
  g_clear_pointer (&self->before, runconf_snapshot_unref);
  g_clear_pointer (&self->after, runconf_snapshot_unref);
  g_ptr_array_unref (self->paths);
  g_free (self);
}

/**
 * runconf_change_get_version:
 * @self: a change
 *
 * Gets the version that the change made. If several changes are reported as one, it is the newest
 * version. Never blocks.
 *
 * Returns: the version
 *
 * Since: 1.0
 */
guint64
runconf_change_get_version (RunconfChange *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->version;
}

/**
 * runconf_change_get_time:
 * @self: a change
 *
 * Gets the time of the change. Never blocks.
 *
 * Returns: the time in microseconds since the epoch, or 0 if it is unknown
 *
 * Since: 1.0
 */
gint64
runconf_change_get_time (RunconfChange *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->time;
}

/* Returns: (transfer none) (nullable): a string of the details */
static const char *
get_text (RunconfChange *self, const char *key)
{
  const char *text = NULL;

  if (self->details != NULL)
    g_variant_lookup (self->details, key, "&s", &text);

  return text;
}

/**
 * runconf_change_get_origin:
 * @self: a change
 *
 * Gets the cause of the change. Never blocks.
 *
 * It is `set`, `merge`, `reset`, `save`, `apply`, `replace` or `revert` for a call; `file` for an
 * edit of the file of the overrides; `recovery` for a broken file; `boot` for overrides that ended
 * with a boot; `defaults` for other defaults; `rules` for another schema or other locks. Later
 * versions may add words.
 *
 * Returns: (transfer none) (nullable): the cause; %NULL if it is unknown, because several changes are
 *   reported as one or the change is a difference of two versions
 *
 * Since: 1.0
 */
const char *
runconf_change_get_origin (RunconfChange *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return get_text (self, "origin");
}

/**
 * runconf_change_get_layer:
 * @self: a change
 *
 * Gets the layer that was changed. Never blocks.
 *
 * Returns: %RUNCONF_LAYER_BOOT if the overrides for this boot changed, %RUNCONF_LAYER_OVERRIDE if the
 *   other overrides did, the layer of the defaults if it is known, and else %RUNCONF_LAYER_UNKNOWN
 *
 * Since: 1.0
 */
RunconfLayer
runconf_change_get_layer (RunconfChange *self)
{
  const char *origin, *name;

  g_return_val_if_fail (self != NULL, RUNCONF_LAYER_UNKNOWN);

  origin = get_text (self, "origin");
  name = get_text (self, "layer");
  if (name != NULL)
    return (RunconfLayer) runconf_enums_find (RUNCONF_TYPE_LAYER, name);
  if (origin == NULL || g_str_equal (origin, "defaults") || g_str_equal (origin, "rules"))
    return RUNCONF_LAYER_UNKNOWN;

  return RUNCONF_LAYER_OVERRIDE;
}

/**
 * runconf_change_get_uid:
 * @self: a change
 *
 * Gets the user who requested the change. Never blocks.
 *
 * Returns: the user id, or -1 if no caller requested the change or the user is unknown
 *
 * Since: 1.0
 */
gint64
runconf_change_get_uid (RunconfChange *self)
{
  guint32 uid;

  g_return_val_if_fail (self != NULL, -1);

  if (self->details == NULL || !g_variant_lookup (self->details, "uid", "u", &uid))
    return -1;

  return uid;
}

/**
 * runconf_change_get_caller:
 * @self: a change
 *
 * Gets the name on the bus of the program that requested the change. Never blocks.
 *
 * Only the history has it: a signal reaches programs that may not read the history.
 *
 * Returns: (transfer none) (nullable): the unique name, or %NULL if it is unknown
 *
 * Since: 1.0
 */
const char *
runconf_change_get_caller (RunconfChange *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return get_text (self, "caller");
}

/**
 * runconf_change_get_message:
 * @self: a change
 *
 * Gets the reason that the caller gave for the change, see [method@Transaction.set_message]. Never
 * blocks.
 *
 * Returns: (transfer none) (nullable): the message, or %NULL if there is none
 *
 * Since: 1.0
 */
const char *
runconf_change_get_message (RunconfChange *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return get_text (self, "message");
}

/**
 * runconf_change_get_paths:
 * @self: a change
 *
 * Gets the paths that changed, as JSON Pointers. Never blocks.
 *
 * Returns: (transfer none) (array zero-terminated=1): the paths
 *
 * Since: 1.0
 */
const char *const *
runconf_change_get_paths (RunconfChange *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *) self->paths->pdata;
}

/**
 * runconf_change_get_n_omitted:
 * @self: a change
 *
 * Gets the number of paths that [method@Change.get_paths] doesn't return, because a change in the
 * history is too large for a reply of the service. Never blocks.
 *
 * Returns: the number, usually 0
 *
 * Since: 1.0
 */
guint64
runconf_change_get_n_omitted (RunconfChange *self)
{
  guint64 n = 0;

  g_return_val_if_fail (self != NULL, 0);

  if (self->details != NULL)
    g_variant_lookup (self->details, "omitted", "t", &n);

  return n;
}

/* Looks a path up in the values of a signal, which has leaves for a mapping with many changes.
 *
 * Returns: whether the values say what is at the path
 */
static gboolean
find_in_signal (RunconfChange *self, const char *path, GVariant **value)
{
  gsize length = strlen (path);
  GVariantIter values;
  const char *leaf;

  *value = NULL;
  if (self->values == NULL || !g_strv_contains (runconf_change_get_paths (self), path))
    return FALSE;

  *value = g_variant_lookup_value (self->values, path, NULL);
  g_variant_iter_init (&values, self->values);
  while (*value == NULL && g_variant_iter_next (&values, "{&sv}", &leaf, NULL))
    if (g_str_has_prefix (leaf, path) && leaf[length] == '/')
      return FALSE;

  return TRUE;
}

/* The same in the changes that were committed together with this one, up to this one. */
static gboolean
find_in_steps (RunconfChange *self, const char *path, GVariant **value)
{
  for (RunconfChange *step = self; step != NULL; step = step->previous)
    if (find_in_signal (step, path, value))
      return TRUE;

  return FALSE;
}

/* Returns: (transfer full) (nullable): one side of a difference; a structure stands for no value */
static GVariant *
get_side (RunconfChange *self, const char *path, gsize side)
{
  g_autoptr (GVariant) difference = NULL;
  g_autoptr (GVariant) boxed = NULL;
  g_autoptr (GVariant) value = NULL;
  gpointer position;

  if (self->positions == NULL
      || !g_hash_table_lookup_extended (self->positions, path, NULL, &position))
    return NULL;

  difference = g_variant_get_child_value (self->differences, GPOINTER_TO_SIZE (position));
  boxed = g_variant_get_child_value (difference, side);
  value = g_variant_get_variant (boxed);

  return g_variant_is_of_type (value, G_VARIANT_TYPE ("(b)")) ? NULL : g_steal_pointer (&value);
}

/**
 * runconf_change_get_old_value:
 * @self: a change
 * @path: a path of the change
 *
 * Gets the value at a path before the change.
 *
 * @path is one of [method@Change.get_paths]. For a change of a signal, it may also be any other path.
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL if there was none
 *
 * Since: 1.0
 */
GVariant *
runconf_change_get_old_value (RunconfChange *self, const char *path)
{
  GVariant *value;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (path != NULL, NULL);

  if (find_in_steps (self->previous, path, &value))
    return value;
  if (self->before != NULL)
    return runconf_snapshot_get_value (self->before, path);

  return get_side (self, path, 1);
}

/**
 * runconf_change_get_new_value:
 * @self: a change
 * @path: a path of the change
 *
 * Gets the value that the change gave a path, also if later changes are in force already.
 *
 * @path is one of [method@Change.get_paths]. For a change of a signal, it may also be any other path.
 *
 * While [property@Configuration:shared] is %FALSE, a change of 32 KiB or more has the values that were
 * in force when the library fetched them, which may be those of a later change.
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL if the change removed it
 *
 * Since: 1.0
 */
GVariant *
runconf_change_get_new_value (RunconfChange *self, const char *path)
{
  GVariant *value;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (path != NULL, NULL);

  if (self->latest != NULL)
    return runconf_change_get_new_value (self->latest, path);
  if (self->values != NULL && find_in_steps (self, path, &value))
    return value;
  if (self->after != NULL)
    return runconf_snapshot_get_value (self->after, path);

  return get_side (self, path, 2);
}
