/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/command/session.h"

#include "cli/terminal/failure.h"
#include "fleet/command/command-settings.h"

#define DEFAULT_NAME "default"

struct _FleetSession
{
  const FleetOptions *options;
  FleetStore *store;
};

/**
 * fleet_session_new:
 * @options: the options, which are borrowed for the lifetime of the session
 *
 * Returns: (transfer full): a session without a connection
 */
FleetSession *
fleet_session_new (const FleetOptions *options)
{
  FleetSession *self = g_new0 (FleetSession, 1);

  self->options = options;

  return self;
}

void
fleet_session_free (FleetSession *self)
{
  g_clear_pointer (&self->store, fleet_store_free);
  g_free (self);
}

const FleetOptions *
fleet_session_get_options (FleetSession *self)
{
  return self->options;
}

/**
 * fleet_session_get_configuration:
 *
 * Returns: (transfer none): the name of the configuration, or %NULL with an error if it isn't valid
 */
const char *
fleet_session_get_configuration (FleetSession *self, GError **error)
{
  const char *name = self->options->common.configuration;
  GError *reason = NULL;

  if (name == NULL)
    name = g_getenv ("RUNCONF_CONFIGURATION");
  if (name == NULL || *name == '\0')
    name = DEFAULT_NAME;
  if (runconf_fleet_check_name (RUNCONF_FLEET_NAME_CONFIGURATION, name, &reason))
    return name;

  reason->domain = CLI_ERROR;
  reason->code = CLI_ERROR_USAGE;
  g_propagate_error (error, reason);

  return NULL;
}

/**
 * fleet_session_open:
 *
 * Returns: (transfer none): the store, or %NULL with an error if there are no settings for it
 */
FleetStore *
fleet_session_open (FleetSession *self, GError **error)
{
  g_autoptr (RunconfEtcdSettings) etcd = NULL;
  g_autofree char *prefix = NULL;

  if (self->store != NULL)
    return self->store;

  etcd = fleet_settings_read (self->options, &prefix, error);
  if (etcd != NULL)
    self->store = fleet_store_new (etcd, prefix, error);

  return self->store;
}

/**
 * fleet_session_get_place:
 * @type: of the text
 *
 * Returns: (transfer full): the place that the options name, or %NULL with an error
 */
FleetPlace *
fleet_session_get_place (FleetSession *self, RunconfFleetKeyType type, GError **error)
{
  const char *configuration = fleet_session_get_configuration (self, error);
  g_autoptr (RunconfFleetScope) scope = NULL;
  FleetStore *store;

  if (configuration == NULL)
    return NULL;
  if (type != RUNCONF_FLEET_KEY_SCHEMA)
    {
      scope = fleet_options_get_scope (self->options, error);
      if (scope == NULL)
        return NULL;
    }

  store = fleet_session_open (self, error);

  return store != NULL ? fleet_place_new (store, type, configuration, scope) : NULL;
}
