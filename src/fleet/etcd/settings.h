/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RUNCONF_ETCD_MAX_ENDPOINTS 64

/* the defaults, in ms */
#define RUNCONF_ETCD_ATTEMPT_MS 300
#define RUNCONF_ETCD_DEADLINE_MS 10000
#define RUNCONF_ETCD_PROBE_MS 2000

/**
 * RunconfEtcdSettings:
 * @endpoints: (array zero-terminated=1): `http://HOST:PORT` or `https://HOST:PORT`, at least one
 * @ca: (nullable): a file with the certificates that etcd's is checked with; those of the system if
 *   it is %NULL
 * @certificate: (nullable): a file with the certificate of the client, in PEM
 * @key: (nullable): a file with its key; @certificate has it too if this is %NULL
 * @user: (nullable): a user of etcd
 * @password: (nullable): the password of @user
 * @password_file: (nullable): a file with it on the first line, if @password is %NULL; it is read again
 *   for each token, so a new password needs no new client
 * @attempt_ms: how long the first attempt of a request may be silent; the following ones may be
 *   longer
 * @deadline_ms: how long a request may take with all its attempts
 * @probe_ms: how often a member is probed whose watch is silent, and how long its answer may take;
 *   a silent member is left after twice this time
 *
 * How etcd is reached. runconf_etcd_settings_new() has the defaults.
 */
typedef struct
{
  char **endpoints;
  char *ca;
  char *certificate;
  char *key;
  char *user;
  char *password;
  char *password_file;
  guint attempt_ms;
  guint deadline_ms;
  guint probe_ms;
} RunconfEtcdSettings;

RunconfEtcdSettings *runconf_etcd_settings_new (void);
RunconfEtcdSettings *runconf_etcd_settings_copy (const RunconfEtcdSettings *self);
void runconf_etcd_settings_free (RunconfEtcdSettings *self);
gboolean runconf_etcd_settings_check (const RunconfEtcdSettings *self, GError **error);
gboolean runconf_etcd_check_endpoint (const char *endpoint, GError **error);
char *runconf_etcd_find_password (const char *text, gsize size);
void runconf_etcd_password_free (char *password);
const char *runconf_etcd_settings_find_exposed (const RunconfEtcdSettings *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfEtcdSettings, runconf_etcd_settings_free)

G_END_DECLS
