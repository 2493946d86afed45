/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/command/command-settings.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/text.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"
#include "fleet/command/password.h"
#include "fleet/model/host-settings.h"

/* Finds out how etcd is reached: from a file in the form of the agent's, and from options.
 *
 * A user has a file of their own, with their own rights in etcd. Only without one is the file of the
 * agent used, whose password other users can't read.
 */

/* Returns: (transfer full) (nullable): the file with the settings, %NULL if there is none */
static char *
find_file (const FleetOptions *options)
{
  g_autofree char *own = g_build_filename (g_get_user_config_dir (), "runconf", "fleet.yaml", NULL);
  const char *const files[] = { own, "/etc/runconf/fleet.yaml", RUNCONF_FLEET_SETTINGS_FILE };

  if (options->config != NULL)
    return g_strdup (options->config);

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      if (g_file_test (files[i], G_FILE_TEST_EXISTS))
        return g_strdup (files[i]);
    }

  return NULL;
}

static RunconfFleetSettings *
read_file (const char *file, GError **error)
{
  g_autoptr (GBytes) text = cli_text_read (file, error);

  return text != NULL ? runconf_fleet_settings_parse (text, file, error) : NULL;
}

static RunconfFleetSettings *
find_settings (const FleetOptions *options, GError **error)
{
  g_autofree char *file = find_file (options);
  RunconfFleetSettings *settings;

  if (file != NULL)
    return read_file (file, error);

  if (options->endpoints == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   _ ("no endpoint of etcd is known: give --endpoints https://HOST:2379, or write "
                      "“endpoints: [https://HOST:2379]” into %s/runconf/fleet.yaml"),
                   g_get_user_config_dir ());
      return NULL;
    }

  settings = g_new0 (RunconfFleetSettings, 1);
  settings->prefix = g_strdup (RUNCONF_FLEET_PREFIX);

  return settings;
}

static void
replace (char **place, const char *value)
{
  if (value == NULL)
    return;

  g_free (*place);
  *place = g_strdup (value);
}

/* Options replace what the file has. A password belongs to its user. */
static void
apply_options (RunconfFleetSettings *self, const FleetOptions *options)
{
  if (options->endpoints != NULL)
    {
      g_strfreev (self->endpoints);
      self->endpoints = g_strsplit (options->endpoints, ",", -1);
    }
  if (options->user != NULL && g_strcmp0 (options->user, self->user) != 0)
    g_clear_pointer (&self->password_file, g_free);
  replace (&self->prefix, options->prefix);
  replace (&self->user, options->user);
  replace (&self->password_file, options->password_file);
}

static gboolean
check (const RunconfFleetSettings *self, GError **error)
{
  GError *reason = NULL;

  for (char **endpoint = self->endpoints; *endpoint != NULL; endpoint++)
    {
      if (runconf_etcd_check_endpoint (g_strstrip (*endpoint), &reason))
        continue;
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--endpoints: %s", reason->message);
      g_error_free (reason);
      return FALSE;
    }

  if (self->password_file == NULL || self->user != NULL)
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               _ ("--password-file is the password of a user: add --user"));

  return FALSE;
}

static void
warn_of_exposure (const RunconfEtcdSettings *etcd)
{
  const char *endpoint = runconf_etcd_settings_find_exposed (etcd);
  g_autofree char *line = NULL;

  if (endpoint == NULL)
    return;

  line = g_strdup_printf (
      _ ("%s: others on the network can read the password of “%s”: use https://"), endpoint,
      etcd->user);
  cli_output_complain (line);
}

/* Sets the password. That of a file is read again for each token: it may be renewed while the command
 * runs. Standard input and pipes are read once.
 *
 * Returns: %FALSE with an error
 */
static gboolean
set_password (RunconfEtcdSettings *etcd, const char *file, GError **error)
{
  etcd->password = fleet_password_read (etcd->user, file, error);
  if (etcd->password == NULL)
    return FALSE;

  if (file != NULL && !g_str_equal (file, "-") && g_file_test (file, G_FILE_TEST_IS_REGULAR))
    {
      g_clear_pointer (&etcd->password, runconf_etcd_password_free);
      etcd->password_file = g_strdup (file);
    }

  return TRUE;
}

/**
 * fleet_settings_read:
 * @prefix: (out) (transfer full): the prefix of all keys
 *
 * Returns: (transfer full): how etcd is reached, or %NULL with an error
 */
RunconfEtcdSettings *
fleet_settings_read (const FleetOptions *options, char **prefix, GError **error)
{
  g_autoptr (RunconfFleetSettings) settings = find_settings (options, error);
  g_autoptr (RunconfEtcdSettings) etcd = NULL;

  if (settings == NULL)
    return NULL;

  apply_options (settings, options);
  if (!check (settings, error))
    return NULL;

  etcd = runconf_etcd_settings_new ();
  etcd->endpoints = g_strdupv (settings->endpoints);
  etcd->ca = g_strdup (settings->ca);
  etcd->certificate = g_strdup (settings->certificate);
  etcd->key = g_strdup (settings->key);
  etcd->user = g_strdup (settings->user);
  if (etcd->user != NULL && !set_password (etcd, settings->password_file, error))
    return NULL;

  warn_of_exposure (etcd);
  *prefix = g_strdup (settings->prefix);

  return g_steal_pointer (&etcd);
}
