/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/snapshot-private.h"

#include "client/typed.h"

/**
 * RunconfSnapshot:
 *
 * A configuration as it was at one version.
 *
 * Reads that belong together are made from one snapshot: whatever is written meanwhile, they see
 * the values of one version. A snapshot costs a small allocation, copies nothing, never changes,
 * and may be read from any thread. It keeps the memory of its version mapped, so don't keep one for
 * longer than it is needed.
 *
 * A path is a JSON Pointer (RFC 6901), like `/chat/websocket/port`; the empty string is everything.
 */
G_DEFINE_BOXED_TYPE (RunconfSnapshot, runconf_snapshot, runconf_snapshot_ref,
                     runconf_snapshot_unref)

/**
 * runconf_snapshot_new_take: (skip)
 * @arena: (transfer full): what is read
 * @view: one of its versions
 * @complaints: (transfer none): where reads of a wrong type are told
 *
 * Returns: (transfer full): a snapshot
 */
RunconfSnapshot *
runconf_snapshot_new_take (RunconfArena *arena, const RunconfArenaView *view,
                           RunconfComplaints *complaints)
{
  RunconfSnapshot *self = g_new (RunconfSnapshot, 1);

  self->ref_count = 1;
  self->arena = arena;
  self->view = *view;
  self->complaints = runconf_complaints_ref (complaints);

  return self;
}

/**
 * runconf_snapshot_get_at: (skip)
 * @version: of the configuration
 *
 * Returns: (transfer full) (nullable): the same configuration at the newest version in the same
 *   memory that is no newer than @version, or %NULL if that begins with a newer one
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
 * Returns: (transfer full) (nullable): the same configuration at the version that the same memory
 *   begins with, or %NULL if it is damaged
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
 * runconf_snapshot_ref:
 * @self: a snapshot
 *
 * Takes a reference. Never blocks.
 *
 * Returns: (transfer full): @self
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
 * Drops a reference. Never blocks.
 */
void
runconf_snapshot_unref (RunconfSnapshot *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  runconf_arena_unref (self->arena);
  runconf_complaints_unref (self->complaints);
  g_free (self);
}

/**
 * runconf_snapshot_get_version:
 * @self: a snapshot
 *
 * Returns the version of the configuration that the snapshot is of. It grows by one with each
 * change. Never blocks.
 *
 * Returns: the version
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
 * Returns when the change was made that led to this version. Never blocks.
 *
 * Returns: µs since the epoch
 */
gint64
runconf_snapshot_get_last_modified (RunconfSnapshot *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->view.root->time;
}

static const RunconfArenaEntry *
find (RunconfSnapshot *self, const char *path)
{
  return runconf_arena_view_find (&self->view, path, strlen (path));
}

/**
 * runconf_snapshot_get_boolean:
 * @self: a snapshot
 * @path: a JSON Pointer
 * @fallback: what to return where there is no boolean
 *
 * Reads a boolean. Never blocks.
 *
 * See [method@Configuration.get_boolean] for what is returned where something else stands.
 *
 * Returns: the value
 */
gboolean
runconf_snapshot_get_boolean (RunconfSnapshot *self, const char *path, gboolean fallback)
{
  g_autoptr (GVariant) value = NULL;
  gboolean boolean;

  g_return_val_if_fail (self != NULL && path != NULL, fallback);

  if (runconf_typed_get_boolean (find (self, path), &boolean))
    return boolean;

  value = runconf_typed_look_up (&self->view, path, RUNCONF_WANTED_BOOLEAN, self->complaints);

  return value != NULL ? g_variant_get_boolean (value) : fallback;
}

/**
 * runconf_snapshot_get_int64:
 * @self: a snapshot
 * @path: a JSON Pointer
 * @fallback: what to return where there is no integer
 *
 * Reads an integer. Never blocks.
 *
 * See [method@Configuration.get_int64] for what is returned where something else stands.
 *
 * Returns: the value
 */
gint64
runconf_snapshot_get_int64 (RunconfSnapshot *self, const char *path, gint64 fallback)
{
  g_autoptr (GVariant) value = NULL;
  gint64 integer;

  g_return_val_if_fail (self != NULL && path != NULL, fallback);

  if (runconf_typed_get_int64 (find (self, path), &integer))
    return integer;

  value = runconf_typed_look_up (&self->view, path, RUNCONF_WANTED_INTEGER, self->complaints);

  return value != NULL ? g_variant_get_int64 (value) : fallback;
}

/**
 * runconf_snapshot_get_double:
 * @self: a snapshot
 * @path: a JSON Pointer
 * @fallback: what to return where there is no number
 *
 * Reads a number, be it written as a float or as an integer. Never blocks.
 *
 * See [method@Configuration.get_double] for what is returned where something else stands.
 *
 * Returns: the value
 */
double
runconf_snapshot_get_double (RunconfSnapshot *self, const char *path, double fallback)
{
  g_autoptr (GVariant) value = NULL;
  double number;

  g_return_val_if_fail (self != NULL && path != NULL, fallback);

  if (runconf_typed_get_double (find (self, path), &number))
    return number;

  value = runconf_typed_look_up (&self->view, path, RUNCONF_WANTED_NUMBER, self->complaints);

  return value != NULL ? g_variant_get_double (value) : fallback;
}

/**
 * runconf_snapshot_get_string:
 * @self: a snapshot
 * @path: a JSON Pointer
 * @fallback: (nullable): what to return a copy of where there is no string
 *
 * Reads a string. Never blocks.
 *
 * See [method@Configuration.get_string] for what is returned where something else stands.
 *
 * Returns: (transfer full) (nullable): the value; %NULL only where @fallback is
 */
char *
runconf_snapshot_get_string (RunconfSnapshot *self, const char *path, const char *fallback)
{
  g_autoptr (GVariant) value = NULL;
  char *string;

  g_return_val_if_fail (self != NULL && path != NULL, g_strdup (fallback));

  string = runconf_typed_dup_string (&self->view, find (self, path));
  if (string != NULL)
    return string;

  value = runconf_typed_look_up (&self->view, path, RUNCONF_WANTED_STRING, self->complaints);

  return value != NULL ? g_variant_dup_string (value, NULL) : g_strdup (fallback);
}

/**
 * runconf_snapshot_get_strv:
 * @self: a snapshot
 * @path: a JSON Pointer
 * @fallback: (nullable) (array zero-terminated=1): what to return a copy of where there is no
 *   sequence of strings
 *
 * Reads a sequence of strings. Never blocks.
 *
 * See [method@Configuration.get_strv] for what is returned where something else stands.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the value; %NULL only where
 *   @fallback is
 */
char **
runconf_snapshot_get_strv (RunconfSnapshot *self, const char *path, const char *const *fallback)
{
  g_autoptr (GVariant) value = NULL;

  g_return_val_if_fail (self != NULL && path != NULL, g_strdupv ((char **) fallback));

  value = runconf_typed_look_up (&self->view, path, RUNCONF_WANTED_STRINGS, self->complaints);

  return value != NULL ? g_variant_dup_strv (value, NULL) : g_strdupv ((char **) fallback);
}

/**
 * runconf_snapshot_get_value:
 * @self: a snapshot
 * @path: a JSON Pointer; the empty string is everything
 *
 * Reads whatever stands at a path. Never blocks.
 *
 * See [method@Configuration.get_value] for the types.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL if nothing stands there
 */
GVariant *
runconf_snapshot_get_value (RunconfSnapshot *self, const char *path)
{
  GVariant *value;

  g_return_val_if_fail (self != NULL && path != NULL, NULL);

  value = runconf_arena_view_get_variant (&self->view, path);
  if (value == NULL)
    runconf_typed_check_path (path, self->complaints);

  return value;
}

/**
 * runconf_snapshot_has:
 * @self: a snapshot
 * @path: a JSON Pointer
 *
 * Returns whether anything stands at a path, be it null. Never blocks.
 *
 * Returns: whether anything is there
 */
gboolean
runconf_snapshot_has (RunconfSnapshot *self, const char *path)
{
  g_return_val_if_fail (self != NULL && path != NULL, FALSE);

  if (runconf_arena_view_has (&self->view, path))
    return TRUE;

  runconf_typed_check_path (path, self->complaints);

  return FALSE;
}

/**
 * runconf_snapshot_list:
 * @self: a snapshot
 * @path: a JSON Pointer; the empty string is everything
 *
 * Lists what is directly below a path: the keys of a mapping, or the indices of a sequence, in
 * order. Never blocks.
 *
 * Returns: (transfer full) (array zero-terminated=1): the keys, not escaped; none where nothing, or
 *   a scalar, stands
 */
char **
runconf_snapshot_list (RunconfSnapshot *self, const char *path)
{
  char **keys;

  g_return_val_if_fail (self != NULL && path != NULL, g_new0 (char *, 1));

  keys = runconf_arena_view_list (&self->view, path);
  if (keys != NULL)
    return keys;

  runconf_typed_check_path (path, self->complaints);

  return g_new0 (char *, 1);
}
