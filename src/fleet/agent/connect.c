/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/connect.h"

/* Secrets come from credentials of systemd, or else from the files that the settings name. */

/* where systemd finds the credentials of the unit: a check by hand reads the same */
#define CREDENTIALS_STORE "/etc/credstore"

/* Returns: (transfer full) (nullable): the file of a credential, or else that of the settings */
static char *
find_file (const char *credential, const char *file)
{
  const char *folder = g_getenv ("CREDENTIALS_DIRECTORY");
  g_autofree char *path
      = g_build_filename (folder != NULL ? folder : CREDENTIALS_STORE, credential, NULL);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&path);

  return g_strdup (file);
}

static void
warn_of_exposure (const RunconfEtcdSettings *etcd)
{
  const char *endpoint = runconf_etcd_settings_find_exposed (etcd);

  if (endpoint != NULL)
    g_warning ("%s: others on the network can read the password of “%s”: use https://", endpoint,
               etcd->user);
}

/**
 * runconf_fleetd_connect:
 *
 * Reads the files with secrets and certificates; the first request opens a connection.
 *
 * Returns: (transfer full) (nullable): a client of the host's etcd, or %NULL with an error if a
 *   file isn't right
 */
RunconfEtcd *
runconf_fleetd_connect (const RunconfFleetSettings *settings, GError **error)
{
  g_autoptr (RunconfEtcdSettings) etcd = runconf_etcd_settings_new ();

  etcd->endpoints = g_strdupv (settings->endpoints);
  etcd->ca = find_file ("fleet-ca", settings->ca);
  etcd->certificate = find_file ("fleet-certificate", settings->certificate);
  etcd->key = find_file ("fleet-key", settings->key);
  etcd->user = g_strdup (settings->user);
  if (settings->user != NULL)
    etcd->password_file = find_file ("fleet-password", settings->password_file);
  if (settings->user != NULL && etcd->password_file == NULL)
    {
      g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID,
                   "the user “%s” has no password: write it to " CREDENTIALS_STORE
                   "/fleet-password, or "
                   "name its file with “password-file” in the settings",
                   settings->user);
      return NULL;
    }
  warn_of_exposure (etcd);

  return runconf_etcd_new (etcd, error);
}
