/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "fleet/etcd/etcd-private.h"
#include "tests/fleet/certificates.h"
#include "tests/fleet/etcd-process.h"

/* One member with TLS, certificates of clients, and users. */

/* how long a token lives */
#define TOKEN_S 2

#define N_REQUESTS 20

static Cluster *cluster;
static char *folder;

static char *
in_folder (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static RunconfEtcdSettings *
make_settings (const char *authority, const char *client, const char *user, const char *password)
{
  RunconfEtcdSettings *settings = cluster_make_settings (cluster);
  g_autofree char *certificate = client == NULL ? NULL : g_strconcat (client, ".pem", NULL);
  g_autofree char *key = client == NULL ? NULL : g_strconcat (client, ".key", NULL);

  settings->ca = in_folder (authority);
  settings->certificate = client == NULL ? NULL : in_folder (certificate);
  settings->key = client == NULL ? NULL : in_folder (key);
  settings->user = g_strdup (user);
  settings->password = g_strdup (password);
  return settings;
}

static RunconfEtcd *
connect_as (const char *authority, const char *client, const char *user, const char *password)
{
  g_autoptr (RunconfEtcdSettings) settings = make_settings (authority, client, user, password);
  g_autoptr (GError) error = NULL;
  RunconfEtcd *etcd = runconf_etcd_new (settings, &error);

  g_assert_no_error (error);
  return etcd;
}

static RunconfEtcd *
connect_good (const char *user, const char *password)
{
  return connect_as ("ca.pem", "client", user, password);
}

static void
check_refused (RunconfEtcd *etcd, RunconfEtcdError code, const char *message)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdRange) range = range_sync (etcd, "/tls/a", NULL, NULL, &error);

  g_assert_null (range);
  g_assert_error (error, RUNCONF_ETCD_ERROR, (int) code);
  if (strstr (error->message, message) == NULL
      || !g_str_has_prefix (error->message, "/tls/a: https://127.0.0.1:"))
    g_error ("%s: %s", message, error->message);
  g_assert_null (strstr (error->message, "secret"));

  /* what can't get better isn't tried again until the deadline */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 20 * G_USEC_PER_SEC);
}

static void
test_client_certificate (void)
{
  g_autoptr (RunconfEtcd) etcd = connect_good (NULL, NULL);
  gint64 start = put_sync (etcd, "/tls/a", "1");
  g_autoptr (Listener) listener = listener_new (etcd, "/tls/", start);
  g_autofree char *value = get_sync (etcd, "/tls/a");

  g_assert_cmpstr (value, ==, "1");
  listener_wait_events (listener, 1);
  put_sync (etcd, "/tls/a", "2");
  listener_wait_events (listener, 2);
}

static void
on_network_event (SoupMessage *message, GSocketClientEvent event, GIOStream *connection,
                  guint *n_connections)
{
  if (event == G_SOCKET_CLIENT_CONNECTED)
    (*n_connections)++;
}

static void
on_queued (SoupSession *session, SoupMessage *message, guint *n_connections)
{
  g_signal_connect (message, "network-event", G_CALLBACK (on_network_event), n_connections);
}

/* Requests share a connection, with a certificate of the client, too. */
static void
test_connections (void)
{
  g_autoptr (RunconfEtcd) etcd = connect_good (NULL, NULL);
  guint n_connections = 0;

  g_signal_connect (etcd->session, "request-queued", G_CALLBACK (on_queued), &n_connections);
  for (guint i = 0; i < N_REQUESTS; i++)
    put_sync (etcd, "/tls/a", "1");

  /* an attempt that took too long costs a connection */
  g_assert_cmpuint (n_connections, <, N_REQUESTS / 2);
}

static void
test_no_client_certificate (void)
{
  g_autoptr (RunconfEtcd) etcd = connect_as ("ca.pem", NULL, NULL, NULL);

  check_refused (etcd, RUNCONF_ETCD_ERROR_UNTRUSTED, "TLS: ");
}

static void
test_foreign_client_certificate (void)
{
  g_autoptr (RunconfEtcd) etcd = connect_as ("ca.pem", "stranger", NULL, NULL);

  check_refused (etcd, RUNCONF_ETCD_ERROR_UNTRUSTED, "TLS: ");
}

static void
test_unknown_authority (void)
{
  g_autoptr (RunconfEtcd) etcd = connect_as ("other.pem", "client", NULL, NULL);

  check_refused (
      etcd, RUNCONF_ETCD_ERROR_UNTRUSTED,
      "the certificate of etcd isn't accepted: an authority that isn't in the file “ca”");
}

static void
test_other_host (void)
{
  g_autoptr (RunconfEtcdSettings) settings = make_settings ("ca.pem", "client", NULL, NULL);
  g_autoptr (RunconfEtcd) etcd = NULL;
  g_autoptr (GError) error = NULL;

  g_free (settings->endpoints[0]);
  settings->endpoints[0] = g_strdup_printf ("https://localhost:%u", cluster->client_ports[0]);
  etcd = runconf_etcd_new (settings, NULL);
  g_assert_null (range_sync (etcd, "/tls/a", NULL, NULL, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNTRUSTED);
  g_assert_nonnull (strstr (error->message, "it is for another host name"));
}

static void
test_without_tls (void)
{
  g_autoptr (RunconfEtcdSettings) settings = make_settings ("ca.pem", "client", NULL, NULL);
  g_autoptr (RunconfEtcd) etcd = NULL;
  g_autoptr (GError) error = NULL;

  g_free (settings->endpoints[0]);
  settings->endpoints[0] = g_strdup_printf ("http://127.0.0.1:%u", cluster->client_ports[0]);
  settings->deadline_ms = 1000;
  etcd = runconf_etcd_new (settings, NULL);
  g_assert_null (range_sync (etcd, "/tls/a", NULL, NULL, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAVAILABLE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "an etcd with TLS has an endpoint with https://"));
}

static void
test_broken_files (void)
{
  g_autoptr (RunconfEtcdSettings) settings = make_settings ("broken", "client", NULL, NULL);
  g_autoptr (RunconfEtcdSettings) mixed = make_settings ("ca.pem", "client", NULL, NULL);
  g_autofree char *broken = in_folder ("broken");
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (broken, "no certificate", -1, NULL));
  g_assert_null (runconf_etcd_new (settings, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (error->message, broken));
  g_clear_error (&error);

  g_free (mixed->key);
  mixed->key = g_strdup (broken);
  g_assert_null (runconf_etcd_new (mixed, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (error->message, broken));
  g_clear_error (&error);

  g_free (mixed->key);
  mixed->key = in_folder ("stranger.key");
  g_assert_null (runconf_etcd_new (mixed, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "the key doesn't belong to the certificate"));
}

static void
copy_file (const char *from, const char *to)
{
  g_autofree char *source = in_folder (from);
  g_autofree char *target = in_folder (to);
  g_autofree char *text = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (source, &text, &length, NULL));
  g_assert_true (g_file_set_contents (target, text, length, NULL));
}

/* A certificate that is renewed in its file is used without a restart. */
static void
test_renewed_files (void)
{
  g_autoptr (RunconfEtcd) etcd = NULL;

  copy_file ("stranger.pem", "renewed.pem");
  copy_file ("stranger.key", "renewed.key");
  etcd = connect_as ("ca.pem", "renewed", NULL, NULL);
  check_refused (etcd, RUNCONF_ETCD_ERROR_UNTRUSTED, "TLS: ");

  /* while they don't fit together, the old ones stay */
  copy_file ("client.pem", "renewed.pem");
  check_refused (etcd, RUNCONF_ETCD_ERROR_UNTRUSTED, "TLS: ");
  copy_file ("client.key", "renewed.key");
  put_sync (etcd, "/tls/a", "renewed");
}

static void
link_file (const char *to, const char *name)
{
  g_autofree char *link = in_folder (name);

  g_unlink (link);
  g_assert_cmpint (symlink (to, link), ==, 0);
}

/* A link may be set to files that are older than the authority's. */
static void
test_renewed_links (void)
{
  g_autoptr (RunconfEtcd) etcd = NULL;

  copy_file ("ca.pem", "late-ca.pem");
  link_file ("stranger.pem", "link.pem");
  link_file ("stranger.key", "link.key");
  etcd = connect_as ("late-ca.pem", "link", NULL, NULL);
  check_refused (etcd, RUNCONF_ETCD_ERROR_UNTRUSTED, "TLS: ");
  link_file ("client.pem", "link.pem");
  link_file ("client.key", "link.key");
  put_sync (etcd, "/tls/a", "linked");
}

static void
post (RunconfEtcd *etcd, const char *path, const char *body)
{
  g_autoptr (JsonNode) root = post_sync (etcd, 0, path, body);

  if (root == NULL)
    g_error ("%s %s", path, body);
}

/* From here on etcd has users: root, and one who may read and write below /mine/. */
static void
test_enable_users (void)
{
  g_autoptr (RunconfEtcd) etcd = connect_good (NULL, NULL);
  g_autoptr (RunconfEtcd) early = connect_good ("me", "secret");
  g_autofree char *none = NULL;

  /* a user that etcd doesn't ask for is no error */
  none = get_sync (early, "/mine/a");
  g_assert_null (none);

  post (etcd, "/v3/auth/user/add", "{\"name\":\"root\",\"password\":\"root secret\"}");
  post (etcd, "/v3/auth/role/add", "{\"name\":\"root\"}");
  post (etcd, "/v3/auth/user/grant", "{\"user\":\"root\",\"role\":\"root\"}");
  post (etcd, "/v3/auth/user/add", "{\"name\":\"me\",\"password\":\"secret\"}");
  post (etcd, "/v3/auth/role/add", "{\"name\":\"mine\"}");
  post (etcd, "/v3/auth/user/grant", "{\"user\":\"me\",\"role\":\"mine\"}");
  post (etcd, "/v3/auth/role/grant",
        "{\"name\":\"mine\",\"perm\":{\"permType\":\"READWRITE\",\"key\":\"L21pbmUv\","
        "\"range_end\":\"L21pbmUw\"}}");
  post (etcd, "/v3/auth/enable", "{}");

  /* and when it does ask, the client has one */
  put_sync (early, "/mine/a", "1");
  check_refused (etcd, RUNCONF_ETCD_ERROR_DENIED, "permission denied");
}

static void
test_rights (void)
{
  g_autoptr (RunconfEtcd) etcd = connect_good ("me", "secret");

  put_sync (etcd, "/mine/a", "1");
  check_refused (etcd, RUNCONF_ETCD_ERROR_DENIED, "permission denied");
}

static void
test_wrong_password (void)
{
  g_autoptr (RunconfEtcd) etcd = connect_good ("me", "secret too");
  g_autoptr (RunconfEtcd) nobody = connect_good ("nobody", "secret");
  g_autoptr (GError) error = NULL;

  g_assert_null (range_sync (etcd, "/mine/a", NULL, NULL, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAUTHENTICATED);
  g_assert_nonnull (strstr (error->message, "authentication failed"));
  g_assert_null (strstr (error->message, "secret"));
  g_clear_error (&error);
  g_assert_null (range_sync (nobody, "/mine/a", NULL, NULL, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAUTHENTICATED);
}

static gboolean
has_message (gpointer user_data)
{
  return ((Listener *) user_data)->message != NULL;
}

static gboolean
is_never (gpointer user_data)
{
  return FALSE;
}

/* A token that has expired is renewed by a call, and by a watch that has to connect again. */
static void
test_token_renewed (void)
{
  g_autoptr (RunconfEtcd) etcd = connect_good ("me", "secret");
  gint64 start = put_sync (etcd, "/mine/a", "1");
  g_autoptr (Listener) listener = listener_new (etcd, "/mine/", start + 1);
  g_autofree char *first = g_strdup (etcd->token);
  g_autofree char *second = NULL;

  listener_wait_connected (listener);
  run_until (is_never, NULL, TOKEN_S + 1);
  put_sync (etcd, "/mine/a", "2");
  g_assert_true (g_strcmp0 (etcd->token, first) != 0);
  listener_wait_events (listener, 1);
  g_assert_cmpuint (listener->n_breaks, ==, 0);

  second = g_strdup (etcd->token);
  run_until (is_never, NULL, TOKEN_S + 1);
  cluster_end (cluster, 0, SIGKILL);
  cluster_start (cluster, 0);
  g_assert_true (run_until (has_message, listener, 30));
  listener_wait_connected (listener);
  g_assert_true (g_strcmp0 (etcd->token, second) != 0);
  put_sync (etcd, "/mine/a", "3");
  listener_wait_events (listener, 2);
}

static void
test_nonsense_token (void)
{
  g_autoptr (RunconfEtcd) etcd = connect_good ("me", "secret");
  gint64 start = put_sync (etcd, "/mine/a", "1");
  g_autoptr (Listener) listener = NULL;

  /* first a call with a wrong token, then a watch */
  g_free (etcd->token);
  etcd->token = g_strdup ("nonsense.1");
  put_sync (etcd, "/mine/a", "2");

  g_free (etcd->token);
  etcd->token = g_strdup ("nonsense.1");
  listener = listener_new (etcd, "/mine/", start + 1);
  listener_wait_events (listener, 1);
  g_assert_cmpuint (listener->n_breaks, ==, 0);
}

/* A watch without the right says so, and works as soon as it has the right. */
static void
test_watch_denied (void)
{
  g_autoptr (RunconfEtcd) root = connect_good ("root", "root secret");
  g_autoptr (RunconfEtcd) etcd = connect_good ("me", "secret");
  gint64 start = put_sync (root, "/yours/a", "1");
  g_autoptr (Listener) listener = listener_new (etcd, "/yours/", start);

  g_assert_true (run_until (has_message, listener, 30));
  g_assert_nonnull (strstr (listener->message, "permission denied"));
  g_assert_cmpuint (listener->events->len, ==, 0);

  /* the token of root may have expired meanwhile */
  put_sync (root, "/yours/a", "2");
  post (root, "/v3/auth/role/grant",
        "{\"name\":\"mine\",\"perm\":{\"permType\":\"READ\",\"key\":\"L3lvdXJzLw==\","
        "\"range_end\":\"L3lvdXJzMA==\"}}");
  listener_wait_events (listener, 1);
}

static void
make_certificates (void)
{
  certificates_make_authority (folder, "ca");
  certificates_make_authority (folder, "other");
  certificates_make (folder, "ca", "server", "/CN=etcd", "IP:127.0.0.1");
  certificates_make (folder, "ca", "client", "/O=runconf", "");
  certificates_make (folder, "other", "stranger", "/O=stranger", "");
  certificates_make_key_pair (folder, "token");
}

static void
start_member (void)
{
  g_autofree char *certificate = g_strconcat ("--cert-file=", folder, "/server.pem", NULL);
  g_autofree char *key = g_strconcat ("--key-file=", folder, "/server.key", NULL);
  g_autofree char *authority = g_strconcat ("--trusted-ca-file=", folder, "/ca.pem", NULL);
  g_autofree char *token = g_strdup_printf ("--auth-token=jwt,pub-key=%s/token.pub,"
                                            "priv-key=%s/token.key,sign-method=RS256,ttl=%ds",
                                            folder, folder, TOKEN_S);
  const char *options[] = { certificate, key, authority, token, "--client-cert-auth", NULL };

  cluster = cluster_new (1, folder, "https", options);
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  if (!cluster_is_there () || !certificates_can_be_made ())
    return 0;

  folder = g_dir_make_tmp ("runconf-etcd-XXXXXX", NULL);
  make_certificates ();
  start_member ();

  g_test_add_func ("/fleet/tls/client-certificate", test_client_certificate);
  g_test_add_func ("/fleet/tls/connections", test_connections);
  g_test_add_func ("/fleet/tls/no-client-certificate", test_no_client_certificate);
  g_test_add_func ("/fleet/tls/foreign-client-certificate", test_foreign_client_certificate);
  g_test_add_func ("/fleet/tls/unknown-authority", test_unknown_authority);
  g_test_add_func ("/fleet/tls/other-host", test_other_host);
  g_test_add_func ("/fleet/tls/without-tls", test_without_tls);
  g_test_add_func ("/fleet/tls/broken-files", test_broken_files);
  g_test_add_func ("/fleet/tls/renewed-files", test_renewed_files);
  g_test_add_func ("/fleet/tls/renewed-links", test_renewed_links);
  g_test_add_func ("/fleet/tls/enable-users", test_enable_users);
  g_test_add_func ("/fleet/tls/rights", test_rights);
  g_test_add_func ("/fleet/tls/wrong-password", test_wrong_password);
  g_test_add_func ("/fleet/tls/token-renewed", test_token_renewed);
  g_test_add_func ("/fleet/tls/nonsense-token", test_nonsense_token);
  g_test_add_func ("/fleet/tls/watch-denied", test_watch_denied);
  result = g_test_run ();

  cluster_free (cluster);
  g_free (folder);
  return result;
}
