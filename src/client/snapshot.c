/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/snapshot-private.h"

#include "client/base.h"
#include "client/typed.h"

/**
 * RunconfSnapshot:
 *
 * A configuration at one version, for reads that belong together.
 *
 * All reads from one snapshot return values of the same version, even if changes are made in the
 * meantime. A snapshot costs a small allocation, copies nothing, never changes, and can be read
 * from any thread. It keeps the memory of its version mapped, so release it soon after the reads.
 *
 * A path is a JSON Pointer (RFC 6901), such as `/chat/websocket/port`; the empty string is the
 * whole configuration.
 *
 * Since: 1.0
 */
G_DEFINE_BOXED_TYPE (RunconfSnapshot, runconf_snapshot, runconf_snapshot_ref,
                     runconf_snapshot_unref)

/**
 * runconf_snapshot_new_take: (skip)
 * @arena: (transfer full): the arena to read
 * @view: one of its versions
 * @complaints: (transfer none): the log for reads of a wrong type
 *
 * Returns: (transfer full): a snapshot
 */
RunconfSnapshot *
runconf_snapshot_new_take (RunconfArena *arena, const RunconfArenaView *view,
                           RunconfComplaints *complaints)
{
  RunconfSnapshot *self = g_new0 (RunconfSnapshot, 1);

  self->ref_count = 1;
  self->arena = arena;
  self->view = *view;
  self->complaints = runconf_complaints_ref (complaints);

  return self;
}

/**
 * runconf_snapshot_get_at: (skip)
 * @version: a version of the configuration
 *
 * Returns: (transfer full) (nullable): a snapshot of the newest version in the same arena that
 *   isn't newer than @version, or %NULL if the arena begins with a newer one
 */
RunconfSnapshot *
runconf_snapshot_get_at (RunconfSnapshot *self, guint64 version)
{
  RunconfArenaView view;

  if (!runconf_arena_get_view_at (self->arena, version, &view))
    return NULL;

  return runconf_snapshot_new_take (runconf_arena_ref (self->arena), &view, self->complaints);
}

/**
 * runconf_snapshot_get_first: (skip)
 *
 * Returns: (transfer full) (nullable): a snapshot of the first version in the same arena, or %NULL
 *   if the arena is damaged
 */
RunconfSnapshot *
runconf_snapshot_get_first (RunconfSnapshot *self)
{
  RunconfArenaView view;

  if (!runconf_arena_get_first_view (self->arena, &view))
    return NULL;

  return runconf_snapshot_new_take (runconf_arena_ref (self->arena), &view, self->complaints);
}

/**
 * runconf_snapshot_get_part: (skip)
 * @base: the path of a part of the configuration
 *
 * Returns: (transfer full): a snapshot of the part, which is read with paths in it
 */
RunconfSnapshot *
runconf_snapshot_get_part (RunconfSnapshot *self, const char *base)
{
  RunconfSnapshot *part
      = runconf_snapshot_new_take (runconf_arena_ref (self->arena), &self->view, self->complaints);

  part->whole = runconf_snapshot_ref (self);
  part->base = g_strdup (base);

  return part;
}

/**
 * runconf_snapshot_ref:
 * @self: a snapshot
 *
 * Increases the reference count. Never blocks.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
RunconfSnapshot *
runconf_snapshot_ref (RunconfSnapshot *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);

  return self;
}

/**
 * runconf_snapshot_unref:
 * @self: (transfer full): a snapshot
 *
 * Decreases the reference count, and frees the snapshot when it is 0. Never blocks.
 *
 * Since: 1.0
 */
void
runconf_snapshot_unref (RunconfSnapshot *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  runconf_arena_unref (self->arena);
  runconf_complaints_unref (self->complaints);
  g_clear_pointer (&self->whole, runconf_snapshot_unref);
  g_free (self->base);
  g_free (self);
}

/**
 * runconf_snapshot_get_version:
 * @self: a snapshot
 *
 * Gets the version of the configuration in this snapshot. The version grows by one with each
 * change. Never blocks.
 *
 * Returns: the version
 *
 * Since: 1.0
 */
guint64
runconf_snapshot_get_version (RunconfSnapshot *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->view.root->version;
}

/**
 * runconf_snapshot_get_last_modified:
 * @self: a snapshot
 *
 * Gets the time of the change that made this version. Never blocks.
 *
 * Returns: the time, in µs since the epoch
 *
 * Since: 1.0
 */
gint64
runconf_snapshot_get_last_modified (RunconfSnapshot *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->view.root->time;
}

/* A read of a part is a read of the whole with another path. */
#define READ_IN_WHOLE(name, ...)                                                                   \
  if (G_UNLIKELY (self->whole != NULL))                                                            \
    {                                                                                              \
      g_autofree char *full = runconf_base_join (self->base, path);                                \
      return runconf_snapshot_##name (self->whole, full __VA_OPT__ (, ) __VA_ARGS__);              \
    }

static const RunconfArenaEntry *
find (RunconfSnapshot *self, const char *path)
{
  return runconf_arena_view_find (&self->view, path, strlen (path));
}

/**
 * runconf_snapshot_get_boolean:
 * @self: a snapshot
 * @path: a path, as a JSON Pointer
 * @fallback: the value to return if there is no boolean
 *
 * Gets a boolean, like [method@Configuration.get_boolean]. Never blocks.
 *
 * Returns: the value, or @fallback
 *
 * Since: 1.0
 */
gboolean
runconf_snapshot_get_boolean (RunconfSnapshot *self, const char *path, gboolean fallback)
{
  g_autoptr (GVariant) value = NULL;
  gboolean boolean;

  g_return_val_if_fail (self != NULL && path != NULL, fallback);
  READ_IN_WHOLE (get_boolean, fallback)

  if (runconf_typed_get_boolean (find (self, path), &boolean))
    return boolean;

  value = runconf_typed_look_up (&self->view, path, RUNCONF_WANTED_BOOLEAN, self->complaints);

  return value != NULL ? g_variant_get_boolean (value) : fallback;
}

/**
 * runconf_snapshot_get_int64:
 * @self: a snapshot
 * @path: a path, as a JSON Pointer
 * @fallback: the value to return if there is no integer
 *
 * Gets an integer, like [method@Configuration.get_int64]. Never blocks.
 *
 * Returns: the value, or @fallback
 *
 * Since: 1.0
 */
gint64
runconf_snapshot_get_int64 (RunconfSnapshot *self, const char *path, gint64 fallback)
{
  g_autoptr (GVariant) value = NULL;
  gint64 integer;

  g_return_val_if_fail (self != NULL && path != NULL, fallback);
  READ_IN_WHOLE (get_int64, fallback)

  if (runconf_typed_get_int64 (find (self, path), &integer))
    return integer;

  value = runconf_typed_look_up (&self->view, path, RUNCONF_WANTED_INTEGER, self->complaints);

  return value != NULL ? g_variant_get_int64 (value) : fallback;
}

/**
 * runconf_snapshot_get_uint64:
 * @self: a snapshot
 * @path: a path, as a JSON Pointer
 * @fallback: the value to return if there is no such integer
 *
 * Gets an integer of 0 or more, like [method@Configuration.get_uint64]. Never blocks.
 *
 * Returns: the value, or @fallback
 *
 * Since: 1.0
 */
guint64
runconf_snapshot_get_uint64 (RunconfSnapshot *self, const char *path, guint64 fallback)
{
  g_autoptr (GVariant) value = NULL;
  guint64 integer;

  g_return_val_if_fail (self != NULL && path != NULL, fallback);
  READ_IN_WHOLE (get_uint64, fallback)

  if (runconf_typed_get_uint64 (find (self, path), &integer))
    return integer;

  value = runconf_typed_look_up (&self->view, path, RUNCONF_WANTED_UNSIGNED, self->complaints);

  return value != NULL ? g_variant_get_uint64 (value) : fallback;
}

/**
 * runconf_snapshot_get_double:
 * @self: a snapshot
 * @path: a path, as a JSON Pointer
 * @fallback: the value to return if there is no number
 *
 * Gets a number that is stored as a float or an integer, like [method@Configuration.get_double].
 * Never blocks.
 *
 * Returns: the value, or @fallback
 *
 * Since: 1.0
 */
double
runconf_snapshot_get_double (RunconfSnapshot *self, const char *path, double fallback)
{
  g_autoptr (GVariant) value = NULL;
  double number;

  g_return_val_if_fail (self != NULL && path != NULL, fallback);
  READ_IN_WHOLE (get_double, fallback)

  if (runconf_typed_get_double (find (self, path), &number))
    return number;

  value = runconf_typed_look_up (&self->view, path, RUNCONF_WANTED_NUMBER, self->complaints);

  return value != NULL ? g_variant_get_double (value) : fallback;
}

/**
 * runconf_snapshot_get_string:
 * @self: a snapshot
 * @path: a path, as a JSON Pointer
 * @fallback: (nullable): the value to return a copy of if there is no string
 *
 * Gets a string, like [method@Configuration.get_string]. Never blocks.
 *
 * Returns: (transfer full) (nullable): a copy of the value, or of @fallback; %NULL only if
 *   @fallback is %NULL
 *
 * Since: 1.0
 */
char *
runconf_snapshot_get_string (RunconfSnapshot *self, const char *path, const char *fallback)
{
  g_autoptr (GVariant) value = NULL;
  char *string;

  g_return_val_if_fail (self != NULL && path != NULL, g_strdup (fallback));
  READ_IN_WHOLE (get_string, fallback)

  string = runconf_typed_dup_string (&self->view, find (self, path));
  if (string != NULL)
    return string;

  value = runconf_typed_look_up (&self->view, path, RUNCONF_WANTED_STRING, self->complaints);

  return value != NULL ? g_variant_dup_string (value, NULL) : g_strdup (fallback);
}

/**
 * runconf_snapshot_get_strv:
 * @self: a snapshot
 * @path: a path, as a JSON Pointer
 * @fallback: (nullable) (array zero-terminated=1): the value to return a copy of if there is no
 *   sequence of strings
 *
 * Gets a sequence of strings, like [method@Configuration.get_strv]. Never blocks.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): a copy of the value, or of
 *   @fallback; %NULL only if @fallback is %NULL
 *
 * Since: 1.0
 */
char **
runconf_snapshot_get_strv (RunconfSnapshot *self, const char *path, const char *const *fallback)
{
  g_autoptr (GVariant) value = NULL;

  g_return_val_if_fail (self != NULL && path != NULL, g_strdupv ((char **) fallback));
  READ_IN_WHOLE (get_strv, fallback)

  value = runconf_typed_look_up (&self->view, path, RUNCONF_WANTED_STRINGS, self->complaints);

  return value != NULL ? g_variant_dup_strv (value, NULL) : g_strdupv ((char **) fallback);
}

static GVariant *
look_up (RunconfSnapshot *self, const char *path,
         GVariant *(*get) (const RunconfArenaView *, const char *) )
{
  GVariant *value = get (&self->view, path);

  if (value == NULL)
    runconf_typed_check_path (path, self->complaints);

  return value;
}

/**
 * runconf_snapshot_get_value:
 * @self: a snapshot
 * @path: a path, as a JSON Pointer; the empty string is the whole configuration
 *
 * Gets the value of any type at a path. Never blocks.
 *
 * For the types of the values, see [method@Configuration.get_value].
 *
 * Returns: (transfer full) (nullable): the value, or %NULL if there is no value at the path
 *
 * Since: 1.0
 */
GVariant *
runconf_snapshot_get_value (RunconfSnapshot *self, const char *path)
{
  g_return_val_if_fail (self != NULL && path != NULL, NULL);
  READ_IN_WHOLE (get_value)

  return look_up (self, path, runconf_arena_view_get_variant);
}

/**
 * runconf_snapshot_get_default_value:
 * @self: a snapshot
 * @path: a path, as a JSON Pointer; the empty string is the whole configuration
 *
 * Gets the value of the defaults at a path, like [method@Configuration.get_default_value]. Never
 * blocks.
 *
 * Returns: (transfer full) (nullable): the default, or %NULL if there is none
 *
 * Since: 1.0
 */
GVariant *
runconf_snapshot_get_default_value (RunconfSnapshot *self, const char *path)
{
  g_return_val_if_fail (self != NULL && path != NULL, NULL);
  READ_IN_WHOLE (get_default_value)

  return look_up (self, path, runconf_arena_view_get_default_variant);
}

/**
 * runconf_snapshot_get_user_value:
 * @self: a snapshot
 * @path: a path, as a JSON Pointer; the empty string is the whole configuration
 *
 * Gets the override at a path, like [method@Configuration.get_user_value]. Never blocks.
 *
 * Returns: (transfer full) (nullable): the override, or %NULL if there is none
 *
 * Since: 1.0
 */
GVariant *
runconf_snapshot_get_user_value (RunconfSnapshot *self, const char *path)
{
  g_return_val_if_fail (self != NULL && path != NULL, NULL);
  READ_IN_WHOLE (get_user_value)

  return look_up (self, path, runconf_arena_view_get_override_variant);
}

/**
 * runconf_snapshot_has:
 * @self: a snapshot
 * @path: a path, as a JSON Pointer
 *
 * Checks whether there is a value at a path; null is a value. Never blocks.
 *
 * Returns: whether there is a value
 *
 * Since: 1.0
 */
gboolean
runconf_snapshot_has (RunconfSnapshot *self, const char *path)
{
  g_return_val_if_fail (self != NULL && path != NULL, FALSE);
  READ_IN_WHOLE (has)

  if (runconf_arena_view_has (&self->view, path))
    return TRUE;

  runconf_typed_check_path (path, self->complaints);

  return FALSE;
}

/**
 * runconf_snapshot_list:
 * @self: a snapshot
 * @path: a path, as a JSON Pointer; the empty string is the whole configuration
 *
 * Lists the keys of a mapping, or the indices of a sequence, in order. Never blocks.
 *
 * Returns: (transfer full) (array zero-terminated=1): the keys, not escaped; empty if there is no
 *   value at the path, or a scalar
 *
 * Since: 1.0
 */
char **
runconf_snapshot_list (RunconfSnapshot *self, const char *path)
{
  char **keys;

  g_return_val_if_fail (self != NULL && path != NULL, g_new0 (char *, 1));
  READ_IN_WHOLE (list)

  keys = runconf_arena_view_list (&self->view, path);
  if (keys != NULL)
    return keys;

  runconf_typed_check_path (path, self->complaints);

  return g_new0 (char *, 1);
}
