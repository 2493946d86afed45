/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fleet/etcd/error.h"
#include "fleet/etcd/pair.h"

/* The files that the settings name. Each error has the file and the correction. */

/**
 * runconf_etcd_can_read:
 * @contents: what the file should have, for the message
 *
 * Returns: whether this process can read the file
 */
gboolean
runconf_etcd_can_read (const char *file, const char *contents, GError **error)
{
  int code = access (file, R_OK) == 0 ? 0 : errno;

  if (code == 0 && !g_file_test (file, G_FILE_TEST_IS_DIR))
    return TRUE;

  g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID,
               "%s: %s: %s has to be in a file that the user %s can read", file,
               g_strerror (code != 0 ? code : EISDIR), contents, g_get_user_name ());
  return FALSE;
}

static char *
read_password (const char *file, GError **error)
{
  g_autofree char *text = NULL;
  char *password;
  gsize length;

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

/**
 * runconf_etcd_load_password:
 * @settings: settings with a user
 *
 * Returns: (transfer full): the password, for runconf_etcd_password_free(), or %NULL if there is none in
 *   the file
 */
char *
runconf_etcd_load_password (const RunconfEtcdSettings *settings, GError **error)
{
  if (settings->password != NULL)
    return g_strdup (settings->password);

  return read_password (settings->password_file, error);
}

/* Returns: whether the file has at least one certificate, and no broken one */
static gboolean
has_certificates (const char *file, const char *contents, GError **error)
{
  GList *certificates;

  if (!runconf_etcd_can_read (file, contents, error))
    return FALSE;

  certificates = g_tls_certificate_list_new_from_file (file, NULL);
  if (certificates != NULL)
    {
      g_list_free_full (certificates, g_object_unref);
      return TRUE;
    }

  g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID,
               "%s: there is no whole certificate in PEM, from “-----BEGIN CERTIFICATE-----” to "
               "“-----END CERTIFICATE-----”",
               file);
  return FALSE;
}

/**
 * runconf_etcd_load_certificate:
 * @certificate: (out) (transfer full) (nullable): that of the client with its key, %NULL if the
 *   settings have none
 *
 * Returns: whether the files are right
 */
gboolean
runconf_etcd_load_certificate (const RunconfEtcdSettings *settings, GTlsCertificate **certificate,
                               GError **error)
{
  const char *file = settings->certificate;
  const char *key = settings->key != NULL ? settings->key : file;
  g_autoptr (GTlsCertificate) loaded = NULL;

  *certificate = NULL;
  if (file == NULL)
    return TRUE;
  if (!has_certificates (file, "the certificate", error)
      || !runconf_etcd_can_read (key, "the key of the certificate", error))
    return FALSE;

  loaded = g_tls_certificate_new_from_files (file, key, NULL);
  if (loaded == NULL)
    g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID,
                 "%s: there is no whole private key in PEM without a passphrase, from "
                 "“-----BEGIN PRIVATE KEY-----” to “-----END PRIVATE KEY-----”",
                 key);
  else if (!runconf_etcd_is_pair (loaded))
    g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID,
                 "%s: the key doesn't belong to the certificate in %s: use the key with which "
                 "that was made",
                 key, file);
  else
    *certificate = g_steal_pointer (&loaded);

  return *certificate != NULL;
}

/**
 * runconf_etcd_load_authorities:
 * @authorities: (out) (transfer full) (nullable): those that may sign etcd's certificate, %NULL if
 *   the settings have none
 *
 * Returns: whether the file is right
 */
gboolean
runconf_etcd_load_authorities (const RunconfEtcdSettings *settings, GTlsDatabase **authorities,
                               GError **error)
{
  *authorities = NULL;
  if (settings->ca == NULL)
    return TRUE;
  if (!has_certificates (settings->ca, "the certificate of the authority", error))
    return FALSE;

  *authorities = g_tls_file_database_new (settings->ca, error);
  return *authorities != NULL;
}
