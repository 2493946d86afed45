/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/command/options.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/terminal/failure.h"

/* Defines and checks the options of all verbs. */

void
fleet_options_clear (FleetOptions *self)
{
  cli_options_clear (&self->common);
  g_free (self->config);
  g_free (self->endpoints);
  g_free (self->prefix);
  g_free (self->user);
  g_free (self->password_file);
  g_free (self->group);
  g_free (self->host);
}

/**
 * fleet_options_make_entries:
 * @self: the struct that receives the values
 * @is_before_verb: whether to include the options that are only allowed before the verb
 *
 * Returns: (transfer full): the options of all verbs
 */
GOptionEntry *
fleet_options_make_entries (FleetOptions *self, gboolean is_before_verb)
{
  /* arguments are declared as file names, so that GLib passes the bytes unchanged in any locale */
  const GOptionEntry entries[] = {
    { "configuration", 'c', 0, G_OPTION_ARG_FILENAME, &self->common.configuration,
      N_ ("The configuration, “default” unless $RUNCONF_CONFIGURATION names another"),
      N_ ("NAME") },
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &self->config,
      N_ ("The file with the settings, in the form of fleetd.yaml"), N_ ("FILE") },
    { "endpoints", 0, 0, G_OPTION_ARG_FILENAME, &self->endpoints,
      N_ ("The URLs of etcd's members, separated by commas"), N_ ("URLS") },
    { "prefix", 0, 0, G_OPTION_ARG_FILENAME, &self->prefix,
      N_ ("The beginning of all keys in etcd, “/runconf/” unless the settings have another"),
      N_ ("PREFIX") },
    { "user", 0, 0, G_OPTION_ARG_FILENAME, &self->user, N_ ("The user of etcd"), N_ ("USER") },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &self->password_file,
      N_ ("The file with the user's password"), N_ ("FILE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->common.json, N_ ("Print JSON"), NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &self->common.quiet, N_ ("Don't report the result"),
      NULL },
    { "color", 0, 0, G_OPTION_ARG_FILENAME, &self->common.color,
      N_ ("Use colours: “auto” (on a terminal), “always” or “never”"), N_ ("WHEN") },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &self->common.help, N_ ("Show this help"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->common.version, N_ ("Show the version"), NULL },
    { NULL },
  };
  GOptionEntry *made = g_memdup2 (entries, sizeof entries);

  /* the last option is only allowed before the verb */
  if (!is_before_verb)
    made[G_N_ELEMENTS (entries) - 2] = (GOptionEntry){ NULL };

  return made;
}

/**
 * fleet_options_make_scope_entries:
 *
 * Returns: (transfer full): the options that name hosts
 */
GOptionEntry *
fleet_options_make_scope_entries (FleetOptions *self)
{
  const GOptionEntry entries[] = {
    { "all", 0, 0, G_OPTION_ARG_NONE, &self->all, N_ ("All hosts"), NULL },
    { "group", 0, 0, G_OPTION_ARG_FILENAME, &self->group, N_ ("The hosts of GROUP"), N_ ("GROUP") },
    { "host", 0, 0, G_OPTION_ARG_FILENAME, &self->host, N_ ("The host HOST"), N_ ("HOST") },
    { NULL },
  };

  return g_memdup2 (entries, sizeof entries);
}

/**
 * fleet_options_check:
 *
 * Returns: %FALSE with an error if an option has a wrong value
 */
gboolean
fleet_options_check (const FleetOptions *self, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (!cli_options_check (&self->common, error))
    return FALSE;

  if (self->prefix != NULL && !runconf_fleet_check_prefix (self->prefix, &reason))
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--prefix: %s", reason->message);
  else if (self->user != NULL && !runconf_fleet_check_user (self->user, &reason))
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--user: %s", reason->message);
  else
    return TRUE;

  return FALSE;
}

/**
 * fleet_options_find_scope:
 * @scope: (out) (nullable) (transfer full): the hosts, %NULL if no option names any
 *
 * Returns: %FALSE with an error if the options contradict each other, or a name is wrong
 */
gboolean
fleet_options_find_scope (const FleetOptions *self, RunconfFleetScope **scope, GError **error)
{
  GError *reason = NULL;

  *scope = NULL;
  if (self->all + (self->group != NULL) + (self->host != NULL) > 1)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   _ ("--all, --group and --host exclude each other: give one"));
      return FALSE;
    }

  if (self->all)
    *scope = runconf_fleet_scope_new (RUNCONF_FLEET_ALL, NULL, &reason);
  else if (self->group != NULL)
    *scope = runconf_fleet_scope_new (RUNCONF_FLEET_GROUP, self->group, &reason);
  else if (self->host != NULL)
    *scope = runconf_fleet_scope_new (RUNCONF_FLEET_HOST, self->host, &reason);
  if (reason == NULL)
    return TRUE;

  reason->domain = CLI_ERROR;
  reason->code = CLI_ERROR_USAGE;
  g_propagate_error (error, reason);

  return FALSE;
}

/**
 * fleet_options_get_scope:
 *
 * Returns: (transfer full): the hosts, or %NULL with an error if the options name none
 */
RunconfFleetScope *
fleet_options_get_scope (const FleetOptions *self, GError **error)
{
  RunconfFleetScope *scope;

  if (fleet_options_find_scope (self, &scope, error) && scope == NULL)
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                 _ ("say which hosts: --all, --group GROUP or --host HOST"));

  return scope;
}
