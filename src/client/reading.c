/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/configuration-link.h"
#include "client/typed.h"

/* Reading the newest version. What can be done in a section is done there (see section.c); whatever
 * takes longer is done with a snapshot, which keeps the arena mapped by itself.
 */

/* What stands at a path, for as long as the section lasts. */
typedef struct
{
  RunconfSection *section;
  RunconfArenaView view;
  const RunconfArenaEntry *entry;
  gboolean is_closed;
} Reading;

static inline void
begin (Reading *self, RunconfConfiguration *configuration, const char *path)
{
  RunconfLink *link = runconf_configuration_get_link (configuration);
  const RunconfMapping *mapping;

  self->section = runconf_section_enter ();
  self->entry = NULL;
  self->is_closed = FALSE;

  mapping = link != NULL ? runconf_link_peek (link) : NULL;
  if (G_UNLIKELY (mapping == NULL || !runconf_arena_get_view (mapping->arena, &self->view)))
    return;

  self->entry = runconf_arena_view_find (&self->view, path, strlen (path));
  self->is_closed = runconf_mapping_is_closed (mapping);
}

static inline void
end (Reading *self, RunconfConfiguration *configuration)
{
  runconf_section_leave (self->section);

  /* what was read is old; the next reads are to find what is newer, but none waits for it */
  if (G_UNLIKELY (self->is_closed))
    runconf_receiver_wake (runconf_configuration_get_receiver (configuration));
}

/* Returns: (transfer full) (nullable): what is in force, %NULL before initialisation */
static RunconfSnapshot *
get_snapshot (RunconfConfiguration *self)
{
  RunconfLink *link = runconf_configuration_get_link (self);
  RunconfSnapshot *snapshot;

  if (link == NULL)
    return NULL;

  snapshot = runconf_link_get_snapshot (link);
  if (G_UNLIKELY (runconf_arena_get_stage (snapshot->arena) == RUNCONF_ARENA_CLOSED))
    runconf_receiver_wake (runconf_configuration_get_receiver (self));

  return snapshot;
}

/**
 * runconf_configuration_get_snapshot:
 * @self: a configuration
 *
 * Returns what is in force now, for several reads that belong together: whatever is written
 * meanwhile, they see the values of one version.
 *
 * Never blocks. May be called from any thread.
 *
 * Returns: (transfer full): a snapshot
 */
RunconfSnapshot *
runconf_configuration_get_snapshot (RunconfConfiguration *self)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (runconf_configuration_get_link (self) != NULL, NULL);

  return get_snapshot (self);
}

/**
 * runconf_configuration_get_boolean:
 * @self: a configuration
 * @path: a JSON Pointer
 * @fallback: what to return where there is no boolean
 *
 * Reads a boolean.
 *
 * Where nothing stands at the path, it is @fallback. Where a value of another type overrides a
 * default that is a boolean, it is that default; where there is none, @fallback. Of each path where
 * a value of another type is found, and of each that is no JSON Pointer, one warning is logged.
 *
 * Never blocks. May be called from any thread.
 *
 * Returns: the value
 */
gboolean
runconf_configuration_get_boolean (RunconfConfiguration *self, const char *path, gboolean fallback)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;
  gboolean is_found, value;
  Reading reading;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), fallback);
  g_return_val_if_fail (path != NULL, fallback);

  begin (&reading, self, path);
  is_found = runconf_typed_get_boolean (reading.entry, &value);
  end (&reading, self);
  if (G_LIKELY (is_found))
    return value;

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_get_boolean (snapshot, path, fallback) : fallback;
}

/**
 * runconf_configuration_get_int64:
 * @self: a configuration
 * @path: a JSON Pointer
 * @fallback: what to return where there is no integer
 *
 * Reads an integer that fits 64 bits with a sign.
 *
 * Where nothing stands at the path, it is @fallback. Where a value of another type overrides a
 * default that is an integer, it is that default; where there is none, @fallback. Of each path where
 * a value of another type is found, and of each that is no JSON Pointer, one warning is logged.
 *
 * Never blocks. May be called from any thread.
 *
 * Returns: the value
 */
gint64
runconf_configuration_get_int64 (RunconfConfiguration *self, const char *path, gint64 fallback)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;
  gboolean is_found;
  Reading reading;
  gint64 value;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), fallback);
  g_return_val_if_fail (path != NULL, fallback);

  begin (&reading, self, path);
  is_found = runconf_typed_get_int64 (reading.entry, &value);
  end (&reading, self);
  if (G_LIKELY (is_found))
    return value;

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_get_int64 (snapshot, path, fallback) : fallback;
}

/**
 * runconf_configuration_get_double:
 * @self: a configuration
 * @path: a JSON Pointer
 * @fallback: what to return where there is no number
 *
 * Reads a number, be it written as a float or as an integer.
 *
 * Where nothing stands at the path, it is @fallback. Where a value of another type overrides a
 * default that is a number, it is that default; where there is none, @fallback. Of each path where
 * a value of another type is found, and of each that is no JSON Pointer, one warning is logged.
 *
 * Never blocks. May be called from any thread.
 *
 * Returns: the value
 */
double
runconf_configuration_get_double (RunconfConfiguration *self, const char *path, double fallback)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;
  gboolean is_found;
  Reading reading;
  double value;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), fallback);
  g_return_val_if_fail (path != NULL, fallback);

  begin (&reading, self, path);
  is_found = runconf_typed_get_double (reading.entry, &value);
  end (&reading, self);
  if (G_LIKELY (is_found))
    return value;

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_get_double (snapshot, path, fallback) : fallback;
}

/**
 * runconf_configuration_get_string:
 * @self: a configuration
 * @path: a JSON Pointer
 * @fallback: (nullable): what to return a copy of where there is no string
 *
 * Reads a string.
 *
 * Where nothing stands at the path, it is @fallback. Where a value of another type overrides a
 * default that is a string, it is that default; where there is none, @fallback. Of each path where
 * a value of another type is found, and of each that is no JSON Pointer, one warning is logged.
 *
 * Never blocks. May be called from any thread.
 *
 * Returns: (transfer full) (nullable): the value; %NULL only where @fallback is
 */
char *
runconf_configuration_get_string (RunconfConfiguration *self, const char *path,
                                  const char *fallback)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;
  Reading reading;
  char *value;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), g_strdup (fallback));
  g_return_val_if_fail (path != NULL, g_strdup (fallback));

  begin (&reading, self, path);
  value = runconf_typed_dup_string (&reading.view, reading.entry);
  end (&reading, self);
  if (G_LIKELY (value != NULL))
    return value;

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_get_string (snapshot, path, fallback)
                          : g_strdup (fallback);
}

/**
 * runconf_configuration_get_strv:
 * @self: a configuration
 * @path: a JSON Pointer
 * @fallback: (nullable) (array zero-terminated=1): what to return a copy of where there is no
 *   sequence of strings
 *
 * Reads a sequence of strings.
 *
 * Where nothing stands at the path, it is @fallback. Where a value of another type, or a sequence
 * with something else than strings in it, overrides a default that is a sequence of strings, it is
 * that default; where there is none, @fallback. Of each path where a value of another type is found,
 * and of each that is no JSON Pointer, one warning is logged.
 *
 * Never blocks. May be called from any thread.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the value; %NULL only where
 *   @fallback is
 */
char **
runconf_configuration_get_strv (RunconfConfiguration *self, const char *path,
                                const char *const *fallback)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), g_strdupv ((char **) fallback));
  g_return_val_if_fail (path != NULL, g_strdupv ((char **) fallback));

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_get_strv (snapshot, path, fallback)
                          : g_strdupv ((char **) fallback);
}

/**
 * runconf_configuration_get_value:
 * @self: a configuration
 * @path: a JSON Pointer; the empty string is everything
 *
 * Reads whatever stands at a path. A mapping is an `a{sv}`, a sequence an `av`, a string an `s`, an
 * integer an `x` (a `t` above 2^63-1), a float a `d`, a boolean a `b`, binary data an `ay`, and null
 * a `g` with the empty signature.
 *
 * A path that is no JSON Pointer is warned of once.
 *
 * Never blocks. May be called from any thread. What stands there is copied.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL if nothing stands there
 */
GVariant *
runconf_configuration_get_value (RunconfConfiguration *self, const char *path)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_get_value (snapshot, path) : NULL;
}

/**
 * runconf_configuration_has:
 * @self: a configuration
 * @path: a JSON Pointer
 *
 * Returns whether anything stands at a path, be it null. A path that is no JSON Pointer is warned of
 * once.
 *
 * Never blocks. May be called from any thread.
 *
 * Returns: whether anything is there
 */
gboolean
runconf_configuration_has (RunconfConfiguration *self, const char *path)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;
  gboolean is_found;
  Reading reading;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  begin (&reading, self, path);
  is_found = reading.entry != NULL;
  end (&reading, self);
  if (is_found)
    return TRUE;

  snapshot = get_snapshot (self);

  return snapshot != NULL && runconf_snapshot_has (snapshot, path);
}

/**
 * runconf_configuration_list:
 * @self: a configuration
 * @path: a JSON Pointer; the empty string is everything
 *
 * Lists what is directly below a path: the keys of a mapping, or the indices of a sequence, in
 * order. A key is listed as it is; in a path `~` and `/` have to be escaped. A path that is no JSON
 * Pointer is warned of once.
 *
 * Never blocks. May be called from any thread.
 *
 * Returns: (transfer full) (array zero-terminated=1): the keys; none where nothing, or a scalar,
 *   stands
 */
char **
runconf_configuration_list (RunconfConfiguration *self, const char *path)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), g_new0 (char *, 1));
  g_return_val_if_fail (path != NULL, g_new0 (char *, 1));

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_list (snapshot, path) : g_new0 (char *, 1);
}
