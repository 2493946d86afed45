/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/connect.h"

#include <string.h>

#include "fleet/etcd/files.h"

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

/* Returns: (transfer full) (nullable): the password of @user, or %NULL with an error */
static char *
read_password (const char *user, const char *file, GError **error)
{
  g_autofree char *text = NULL;
  char *password;
  gsize length;

  if (file == NULL)
    {
      g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID,
                   "the user “%s” has no password: write it to " CREDENTIALS_STORE
                   "/fleet-password, or "
                   "name its file with “password-file” in the settings",
                   user);
      return NULL;
    }
  if (!runconf_etcd_can_read (file, "the password", error)
      || !g_file_get_contents (file, &text, &length, error))
    return NULL;

  password = runconf_etcd_find_password (text, length);
  explicit_bzero (text, length);
  if (password == NULL)
    g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID,
                 "%s: there is no password: write it on the first line", file);

  return password;
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
  g_autofree char *password_file = find_file ("fleet-password", settings->password_file);

  etcd->endpoints = g_strdupv (settings->endpoints);
  etcd->ca = find_file ("fleet-ca", settings->ca);
  etcd->certificate = find_file ("fleet-certificate", settings->certificate);
  etcd->key = find_file ("fleet-key", settings->key);
  etcd->user = g_strdup (settings->user);
  if (settings->user != NULL)
    {
      etcd->password = read_password (settings->user, password_file, error);
      if (etcd->password == NULL)
        return NULL;
    }
  warn_of_exposure (etcd);

  return runconf_etcd_new (etcd, error);
}
