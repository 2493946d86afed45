/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/connect.h"

/* Secrets come from credentials of systemd, or else from the files that the settings name. */

/* Returns: (transfer full) (nullable): the file of a credential, or else that of the settings */
static char *
find_file (const char *credential, const char *file)
{
  const char *folder = g_getenv ("CREDENTIALS_DIRECTORY");
  g_autofree char *path = folder != NULL ? g_build_filename (folder, credential, NULL) : NULL;

  if (path != NULL && g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&path);

  return g_strdup (file);
}

/* A line break at the end belongs to the file, and not to the password. */
static gboolean
read_password (const char *file, char **password, GError **error)
{
  gsize length;

  if (!g_file_get_contents (file, password, &length, error))
    return FALSE;

  while (length > 0 && ((*password)[length - 1] == '\n' || (*password)[length - 1] == '\r'))
    (*password)[--length] = '\0';

  return TRUE;
}

/**
 * runconf_fleetd_connect:
 *
 * Returns: (transfer full) (nullable): a client of the host's etcd, or %NULL with an error if a
 *   file of the settings can't be read
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
  if (settings->user != NULL && password_file != NULL
      && !read_password (password_file, &etcd->password, error))
    return NULL;

  return runconf_etcd_new (etcd, error);
}
