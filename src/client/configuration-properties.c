/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/configuration-class.h"

#include "client/base.h"
#include "client/enums-private.h"
#include "client/fork.h"

/* Public functions that return the properties of a configuration. */

/**
 * runconf_configuration_get_name: (attributes org.gtk.Method.get_property=name)
 * @self: a configuration
 *
 * Gets the name of the configuration. Never blocks.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
runconf_configuration_get_name (RunconfConfiguration *self)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_configuration_get_private (self)->name;
}

/**
 * runconf_configuration_get_interactive: (attributes org.gtk.Method.get_property=interactive)
 * @self: a configuration
 *
 * Gets whether the user may be asked for a password. Never blocks.
 *
 * Returns: whether the user may be asked; %FALSE by default
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_get_interactive (RunconfConfiguration *self)
{
  RunconfConfiguration *whole;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  whole = runconf_configuration_get_private (self)->peek.whole;

  return g_atomic_int_get (
      &runconf_configuration_get_private (whole != NULL ? whole : self)->interactive);
}

/**
 * runconf_configuration_set_interactive: (attributes org.gtk.Method.set_property=interactive)
 * @self: a configuration
 * @interactive: whether the user may be asked for a password
 *
 * Sets whether the user may be asked for a password if a call needs a right that the caller doesn't
 * have.
 *
 * If this is %TRUE, such a call waits for the user, without a time limit. If it is %FALSE, such a
 * call is refused at once. Set it in programs that act on a direct command of a person. Never
 * blocks.
 *
 * Since: 1.0
 */
void
runconf_configuration_set_interactive (RunconfConfiguration *self, gboolean interactive)
{
  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));

  if (runconf_configuration_get_private (self)->peek.whole != NULL)
    runconf_configuration_set_interactive (runconf_configuration_get_private (self)->peek.whole,
                                           interactive);
  else if (g_atomic_int_exchange (&runconf_configuration_get_private (self)->interactive,
                                  !!interactive)
           != !!interactive)
    g_object_notify (G_OBJECT (self), "interactive");
}

/**
 * runconf_configuration_get_version: (attributes org.gtk.Method.get_property=version)
 * @self: a configuration
 *
 * Gets the version that reads return. It grows by one with each change and never decreases. Never
 * blocks.
 *
 * Returns: the version
 *
 * Since: 1.0
 */
guint64
runconf_configuration_get_version (RunconfConfiguration *self)
{
  RunconfLink *link;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), 0);

  link = runconf_configuration_get_private (self)->peek.link;

  return link != NULL ? runconf_link_get_version (link) : 0;
}

static char *
dup_locked (RunconfLink *link, char **place)
{
  char *copy;

  g_mutex_lock (&link->mutex);
  copy = g_strdup (*place);
  g_mutex_unlock (&link->mutex);

  return copy;
}

/**
 * runconf_configuration_get_state: (attributes org.gtk.Method.get_property=state)
 * @self: a configuration
 *
 * Gets the state of the configuration: as the service last reported it, or
 * %RUNCONF_STATE_UNAVAILABLE while the service can't be reached or doesn't serve the configuration.
 * Never blocks.
 *
 * Returns: the state; %RUNCONF_STATE_UNKNOWN for an object that is used for calls only
 *
 * Since: 1.0
 */
RunconfState
runconf_configuration_get_state (RunconfConfiguration *self)
{
  RunconfLink *link;
  g_autofree char *state = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), RUNCONF_STATE_UNKNOWN);

  link = runconf_configuration_get_private (self)->peek.link;
  if (link == NULL)
    return RUNCONF_STATE_UNKNOWN;

  state = runconf_link_dup_state (link);

  return (RunconfState) runconf_enums_find (RUNCONF_TYPE_STATE, state);
}

/**
 * runconf_configuration_dup_state_message: (attributes org.gtk.Method.get_property=state-message)
 * @self: a configuration
 *
 * Gets the description of the problem, if the state isn't %RUNCONF_STATE_OK: the error, its place, and a
 * correction. Never blocks.
 *
 * Returns: (transfer full): the message; empty while the state is %RUNCONF_STATE_OK
 *
 * Since: 1.0
 */
char *
runconf_configuration_dup_state_message (RunconfConfiguration *self)
{
  RunconfLink *link;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  link = runconf_configuration_get_private (self)->peek.link;

  return link != NULL ? runconf_link_dup_state_message (link) : g_strdup ("");
}

/**
 * runconf_configuration_get_rules_revision: (attributes org.gtk.Method.get_property=rules-revision)
 * @self: a configuration
 *
 * Gets a number that changes with the schema and the locks. After that, runconf_configuration_describe()
 * may return other locks, types and rights, also if no value changed. Never blocks.
 *
 * Returns: the number; it begins at 0 with each start of the service
 *
 * Since: 1.0
 */
guint
runconf_configuration_get_rules_revision (RunconfConfiguration *self)
{
  guint rules_revision;
  RunconfLink *link;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), 0);

  link = runconf_configuration_get_private (self)->peek.link;
  if (link == NULL)
    return 0;

  g_mutex_lock (&link->mutex);
  rules_revision = link->rules_revision;
  g_mutex_unlock (&link->mutex);

  return rules_revision;
}

/* Moves the locks of the whole into a part of it: one above the part locks all of it.
 *
 * @locks: (transfer full): the locked paths
 */
static char **
move_locks (char **locks, const char *base)
{
  guint n = 0;

  for (guint i = 0; locks[i] != NULL; i++)
    {
      g_autofree char *path = locks[i];
      const char *seen = runconf_base_strip (base, path);

      if (seen == NULL && runconf_base_strip (path, base) != NULL)
        seen = "";
      if (seen != NULL)
        locks[n++] = g_strdup (seen);
    }
  locks[n] = NULL;

  return locks;
}

/**
 * runconf_configuration_dup_locks: (attributes org.gtk.Method.get_property=locks)
 * @self: a configuration
 *
 * Gets the paths that are locked for overrides, as the service last reported them. Never blocks.
 *
 * A lock also binds all paths below its path, and a path above it can't be replaced by a value that
 * would remove the locked one. If it is above the part that @self is, the list has the empty path.
 * The list has the paths in the files of locks, and of the paths that are `readOnly` in the schema
 * those that have a default; of more than 10,000 the first ones. It is empty if the service wasn't
 * there yet.
 *
 * The list tells nothing about the rights of the user, see [method@Configuration.is_writable].
 * [signal@Configuration::writable-changed] is emitted after each change.
 *
 * Returns: (transfer full) (array zero-terminated=1): the paths, sorted
 *
 * Since: 1.0
 */
char **
runconf_configuration_dup_locks (RunconfConfiguration *self)
{
  const RunconfConfigurationLink *peek;
  char **locks;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  peek = &runconf_configuration_get_private (self)->peek;
  if (peek->link == NULL)
    return g_new0 (char *, 1);

  locks = runconf_link_dup_locks (peek->link);

  return peek->whole != NULL ? move_locks (locks, peek->base) : locks;
}

/**
 * runconf_configuration_get_connected: (attributes org.gtk.Method.get_property=connected)
 * @self: a configuration
 *
 * Gets whether the service is there and serves the configuration. If not, reads return the last values
 * that were in force, or the defaults of the program if there were none yet, and writes fail. Never
 * blocks.
 *
 * Returns: whether the service is there
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_get_connected (RunconfConfiguration *self)
{
  RunconfLink *link;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  link = runconf_configuration_get_private (self)->peek.link;

  return link != NULL && !runconf_fork_is_child && runconf_link_is_connected (link);
}

/**
 * runconf_configuration_get_shared: (attributes org.gtk.Method.get_property=shared)
 * @self: a configuration
 *
 * Gets whether reads use memory that the service shares. If not, the library has fetched the values
 * over the bus, and fetches them again with each change. Never blocks.
 *
 * Returns: whether reads use shared memory
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_get_shared (RunconfConfiguration *self)
{
  RunconfLink *link;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  link = runconf_configuration_get_private (self)->peek.link;

  return link != NULL && runconf_link_is_shared (link);
}

/**
 * runconf_configuration_dup_metadata: (attributes org.gtk.Method.get_property=metadata)
 * @self: a configuration
 *
 * Gets the metadata of the configuration, all of one version. Never blocks.
 *
 * The keys are `version` t; `last_modified` d, the time of the last change in seconds since the
 * epoch; `is_runtime_config` b, whether there are overrides; and `default_config_path` s, the path
 * of the file with the defaults.
 *
 * Returns: (transfer full): the metadata, an `a{sv}`
 *
 * Since: 1.0
 */
GVariant *
runconf_configuration_dup_metadata (RunconfConfiguration *self)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;
  g_autofree char *default_path = NULL;
  GVariantDict metadata;
  RunconfLink *link;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  g_variant_dict_init (&metadata, NULL);
  link = runconf_configuration_get_private (self)->peek.link;
  if (link != NULL)
    {
      snapshot = runconf_link_get_snapshot (link);
      default_path = dup_locked (link, &link->default_config_path);
      g_variant_dict_insert (&metadata, "version", "t", runconf_snapshot_get_version (snapshot));
      g_variant_dict_insert (&metadata, "last_modified", "d",
                             runconf_snapshot_get_last_modified (snapshot)
                                 / (double) G_USEC_PER_SEC);
      g_variant_dict_insert (&metadata, "is_runtime_config", "b",
                             snapshot->view.root->has_overrides != 0);
      g_variant_dict_insert (&metadata, "default_config_path", "s", default_path);
    }

  return g_variant_ref_sink (g_variant_dict_end (&metadata));
}
