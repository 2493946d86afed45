/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/base.h"
#include "client/configuration-link.h"
#include "client/typed.h"
#include "client/usable.h"

/* Functions that read the newest version. Short reads are done in a section (see section.c); longer
 * reads use a snapshot, which keeps the arena, the shared memory, mapped by itself.
 */

/* The entry at a path; valid until the section ends. */
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

  /* the value was outdated: renew the arena for later reads, without making any read wait */
  if (G_UNLIKELY (self->is_closed))
    runconf_receiver_wake (runconf_configuration_get_receiver (configuration));
}

/* A read of a part is a read of the whole with another path. */
#define READ_IN_WHOLE(name, ...)                                                                   \
  if (G_UNLIKELY (runconf_configuration_peek (self)->whole != NULL))                               \
    {                                                                                              \
      const RunconfConfigurationLink *peek = runconf_configuration_peek (self);                    \
      g_autofree char *full = runconf_base_join (peek->base, path);                                \
      return runconf_configuration_##name (peek->whole, full __VA_OPT__ (, ) __VA_ARGS__);         \
    }

/* Returns: (transfer full) (nullable): a snapshot of the newest version, %NULL before
 *   initialisation
 */
static RunconfSnapshot *
get_snapshot (RunconfConfiguration *self)
{
  RunconfLink *link = runconf_configuration_get_link (self);
  RunconfSnapshot *snapshot;

  if (link == NULL)
    {
      runconf_configuration_warn_unreadable (self);
      return NULL;
    }

  snapshot = runconf_link_get_snapshot (link);
  if (G_UNLIKELY (runconf_arena_get_stage (snapshot->arena) == RUNCONF_ARENA_CLOSED))
    runconf_receiver_wake (runconf_configuration_get_receiver (self));

  return snapshot;
}

/**
 * runconf_configuration_get_snapshot:
 * @self: a configuration
 *
 * Gets a snapshot of the newest version, for reads that belong together.
 *
 * All reads from the snapshot return values of the same version, even if changes are made in the
 * meantime.
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: (transfer full) (nullable): the snapshot; %NULL only if @self isn't initialised, or is for
 *   calls only, which is logged once
 *
 * Since: 1.0
 */
RunconfSnapshot *
runconf_configuration_get_snapshot (RunconfConfiguration *self)
{
  RunconfConfiguration *whole;
  g_autoptr (RunconfSnapshot) snapshot = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  whole = runconf_configuration_peek (self)->whole;
  snapshot = get_snapshot (whole != NULL ? whole : self);
  if (whole == NULL || snapshot == NULL)
    return g_steal_pointer (&snapshot);

  return runconf_snapshot_get_part (snapshot, runconf_configuration_peek (self)->base);
}

/**
 * runconf_configuration_get_boolean:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @fallback: the value to return if there is no boolean
 *
 * Gets a boolean from the shared memory.
 *
 * If there is no value of this type at the path, the default of the configuration or @fallback is
 * returned; see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: the value, or @fallback
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_get_boolean (RunconfConfiguration *self, const char *path, gboolean fallback)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;
  gboolean is_found, value;
  Reading reading;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), fallback);
  g_return_val_if_fail (path != NULL, fallback);
  READ_IN_WHOLE (get_boolean, fallback)

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
 * @path: a path, as a JSON Pointer
 * @fallback: the value to return if there is no integer
 *
 * Gets an integer in the range of a signed 64-bit integer from the shared memory.
 *
 * If there is no value of this type at the path, the default of the configuration or @fallback is
 * returned; see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: the value, or @fallback
 *
 * Since: 1.0
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
  READ_IN_WHOLE (get_int64, fallback)

  begin (&reading, self, path);
  is_found = runconf_typed_get_int64 (reading.entry, &value);
  end (&reading, self);
  if (G_LIKELY (is_found))
    return value;

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_get_int64 (snapshot, path, fallback) : fallback;
}

/**
 * runconf_configuration_get_uint64:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @fallback: the value to return if there is no such integer
 *
 * Gets an integer of 0 or more, in the range of an unsigned 64-bit integer, from the shared memory.
 *
 * If there is no value of this type at the path, the default of the configuration or @fallback is
 * returned; see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: the value, or @fallback
 *
 * Since: 1.0
 */
guint64
runconf_configuration_get_uint64 (RunconfConfiguration *self, const char *path, guint64 fallback)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;
  gboolean is_found;
  Reading reading;
  guint64 value;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), fallback);
  g_return_val_if_fail (path != NULL, fallback);
  READ_IN_WHOLE (get_uint64, fallback)

  begin (&reading, self, path);
  is_found = runconf_typed_get_uint64 (reading.entry, &value);
  end (&reading, self);
  if (G_LIKELY (is_found))
    return value;

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_get_uint64 (snapshot, path, fallback) : fallback;
}

/**
 * runconf_configuration_get_double:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @fallback: the value to return if there is no number
 *
 * Gets a number from the shared memory.
 *
 * The number may be stored as a float or as an integer.
 *
 * If there is no value of this type at the path, the default of the configuration or @fallback is
 * returned; see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: the value, or @fallback
 *
 * Since: 1.0
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
  READ_IN_WHOLE (get_double, fallback)

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
 * @path: a path, as a JSON Pointer
 * @fallback: (nullable): the value to return a copy of if there is no string
 *
 * Gets a string from the shared memory.
 *
 * If there is no value of this type at the path, the default of the configuration or @fallback is
 * returned; see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: (transfer full) (nullable): a copy of the value, or of @fallback; %NULL only if
 *   @fallback is %NULL
 *
 * Since: 1.0
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
  READ_IN_WHOLE (get_string, fallback)

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
 * @path: a path, as a JSON Pointer
 * @fallback: (nullable) (array zero-terminated=1): the value to return a copy of if there is no
 *   sequence of strings
 *
 * Gets a sequence of strings from the shared memory.
 *
 * A sequence with an element of another type counts as a value of another type.
 *
 * If there is no value of this type at the path, the default of the configuration or @fallback is
 * returned; see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): a copy of the value, or of
 *   @fallback; %NULL only if @fallback is %NULL
 *
 * Since: 1.0
 */
char **
runconf_configuration_get_strv (RunconfConfiguration *self, const char *path,
                                const char *const *fallback)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), g_strdupv ((char **) fallback));
  g_return_val_if_fail (path != NULL, g_strdupv ((char **) fallback));
  READ_IN_WHOLE (get_strv, fallback)

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_get_strv (snapshot, path, fallback)
                          : g_strdupv ((char **) fallback);
}

/**
 * runconf_configuration_get_value:
 * @self: a configuration
 * @path: a path, as a JSON Pointer; the empty string is the whole configuration
 *
 * Gets the value of any type at a path from the shared memory.
 *
 * A mapping is an `a{sv}`, a sequence an `av`, a string an `s`, an integer an `x` (a `t` above
 * 2^63-1), a float a `d`, a boolean a `b`, binary data an `ay`, and null a `g` with the empty
 * signature. The value is a copy. A path that isn't a JSON Pointer is logged once as a warning.
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL if there is no value at the path
 *
 * Since: 1.0
 */
GVariant *
runconf_configuration_get_value (RunconfConfiguration *self, const char *path)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;
  Reading reading;
  GVariant *value;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  READ_IN_WHOLE (get_value)

  begin (&reading, self, path);
  value = runconf_arena_view_get_scalar (&reading.view, reading.entry);
  end (&reading, self);
  if (G_LIKELY (value != NULL))
    return value;

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_get_value (snapshot, path) : NULL;
}

/**
 * runconf_configuration_get_default_value:
 * @self: a configuration
 * @path: a path, as a JSON Pointer; the empty string is the whole configuration
 *
 * Gets the value that would be in force at a path without overrides, from the shared memory.
 *
 * In a mapping, the defaults of all paths below it are returned. For the types of the values, see
 * [method@Configuration.get_value].
 *
 * The shared memory has a default only where it has a value in force. So a default that an override
 * takes away is missing ([method@Configuration.unset], [method@Configuration.replace_value]), and so
 * is a default that is a mapping, while the value in force is of another type.
 * [method@Configuration.dump] with the layer `defaults` returns these, too.
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: (transfer full) (nullable): the default, or %NULL if there is none
 *
 * Since: 1.0
 */
GVariant *
runconf_configuration_get_default_value (RunconfConfiguration *self, const char *path)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  READ_IN_WHOLE (get_default_value)

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_get_default_value (snapshot, path) : NULL;
}

/**
 * runconf_configuration_get_user_value:
 * @self: a configuration
 * @path: a path, as a JSON Pointer; the empty string is the whole configuration
 *
 * Gets the override that is in force at a path, from the shared memory: the part of the value that
 * doesn't come from the defaults.
 *
 * If a mapping overrides parts of a default, these parts are returned. For the types of the values,
 * see [method@Configuration.get_value].
 *
 * An override that equals the default, that takes a default away, or that is ignored since it is
 * locked or violates the schema, isn't returned. [method@Configuration.dump] with the layer
 * `overrides` returns these, too.
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: (transfer full) (nullable): the override, or %NULL if there is none
 *
 * Since: 1.0
 */
GVariant *
runconf_configuration_get_user_value (RunconfConfiguration *self, const char *path)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  READ_IN_WHOLE (get_user_value)

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_get_user_value (snapshot, path) : NULL;
}

/**
 * runconf_configuration_has:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 *
 * Checks whether there is a value at a path; null is a value. A path that isn't a JSON Pointer is
 * logged once as a warning.
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: whether there is a value
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_has (RunconfConfiguration *self, const char *path)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;
  gboolean is_found;
  Reading reading;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  READ_IN_WHOLE (has)

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
 * @path: a path, as a JSON Pointer; the empty string is the whole configuration
 *
 * Lists the keys of a mapping, or the indices of a sequence, in order.
 *
 * The keys aren't escaped; to use them in a path, `~` and `/` must be escaped. A path that isn't a
 * JSON Pointer is logged once as a warning.
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: (transfer full) (array zero-terminated=1): the keys; empty if there is no value at the
 *   path, or a scalar
 *
 * Since: 1.0
 */
char **
runconf_configuration_list (RunconfConfiguration *self, const char *path)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), g_new0 (char *, 1));
  g_return_val_if_fail (path != NULL, g_new0 (char *, 1));
  READ_IN_WHOLE (list)

  snapshot = get_snapshot (self);

  return snapshot != NULL ? runconf_snapshot_list (snapshot, path) : g_new0 (char *, 1);
}
