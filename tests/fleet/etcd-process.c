/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/fleet/etcd-process.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <glib/gstdio.h>

#include "fleet/etcd/etcd-private.h"
#include "fleet/etcd/json.h"

#define PATIENCE_S 60

gboolean
cluster_is_there (void)
{
  g_autofree char *program = g_find_program_in_path ("etcd");

  if (program == NULL)
    g_print ("1..0 # SKIP etcd isn't installed (Debian: etcd-server)\n");

  return program != NULL;
}

static guint16
find_port (void)
{
  g_autoptr (GSocket) socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

/* The member ends with the test, even if that crashes. */
static void
on_child (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static char *
describe_peers (Cluster *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->n_members; i++)
    g_string_append_printf (text, "%sm%u=http://127.0.0.1:%u", i > 0 ? "," : "", i,
                            self->peer_ports[i]);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
cluster_start (Cluster *self, guint member)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *client
      = g_strdup_printf ("%s://127.0.0.1:%u", self->scheme, self->client_ports[member]);
  g_autofree char *peer = g_strdup_printf ("http://127.0.0.1:%u", self->peer_ports[member]);
  g_autofree char *peers = describe_peers (self);
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (arguments, g_strdup ("etcd"));
  g_ptr_array_add (arguments, g_strdup_printf ("--name=m%u", member));
  g_ptr_array_add (arguments, g_strdup_printf ("--data-dir=%s/m%u", self->folder, member));
  g_ptr_array_add (arguments, g_strdup_printf ("--listen-client-urls=%s", client));
  g_ptr_array_add (arguments, g_strdup_printf ("--advertise-client-urls=%s", client));
  g_ptr_array_add (arguments, g_strdup_printf ("--listen-peer-urls=%s", peer));
  g_ptr_array_add (arguments, g_strdup_printf ("--initial-advertise-peer-urls=%s", peer));
  g_ptr_array_add (arguments, g_strdup_printf ("--initial-cluster=%s", peers));
  g_ptr_array_add (arguments, g_strdup ("--logger=zap"));
  g_ptr_array_add (arguments, g_strdup_printf ("--log-outputs=%s/m%u.log", self->folder, member));
  for (guint i = 0; self->options != NULL && self->options[i] != NULL; i++)
    g_ptr_array_add (arguments, g_strdup (self->options[i]));
  g_ptr_array_add (arguments, NULL);

  g_spawn_async (NULL, (char **) arguments->pdata, NULL,
                 G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL
                     | G_SPAWN_STDERR_TO_DEV_NULL,
                 on_child, NULL, &self->pids[member], &error);
  g_assert_no_error (error);
}

Cluster *
cluster_new (guint n_members, const char *folder, const char *scheme, const char *const *options)
{
  Cluster *self = g_new0 (Cluster, 1);

  self->folder = folder != NULL ? g_strdup (folder) : g_dir_make_tmp ("runconf-etcd-XXXXXX", NULL);
  self->n_members = n_members;
  self->scheme = scheme;
  self->options = g_strdupv ((char **) options);
  for (guint i = 0; i < n_members; i++)
    {
      self->client_ports[i] = find_port ();
      self->peer_ports[i] = find_port ();
    }
  for (guint i = 0; i < n_members; i++)
    cluster_start (self, i);

  return self;
}

void
cluster_signal (Cluster *self, guint member, int signal_number)
{
  g_assert_cmpint (kill (self->pids[member], signal_number), ==, 0);
}

void
cluster_end (Cluster *self, guint member, int signal_number)
{
  cluster_signal (self, member, signal_number);
  g_assert_cmpint (waitpid (self->pids[member], NULL, 0), ==, self->pids[member]);
  g_spawn_close_pid (self->pids[member]);
  self->pids[member] = 0;
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_folder (child);
    }
  g_remove (path);
}

void
cluster_free (Cluster *self)
{
  for (guint i = 0; i < self->n_members; i++)
    if (self->pids[i] != 0)
      cluster_end (self, i, SIGKILL);
  remove_folder (self->folder);
  g_strfreev (self->options);
  g_free (self->folder);
  g_free (self);
}

RunconfEtcdSettings *
cluster_make_settings (Cluster *self)
{
  RunconfEtcdSettings *settings = runconf_etcd_settings_new ();
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->n_members; i++)
    {
      g_autofree char *url
          = g_strdup_printf ("%s://127.0.0.1:%u", self->scheme, self->client_ports[i]);

      g_strv_builder_add (builder, url);
    }
  settings->endpoints = g_strv_builder_end (builder);
  settings->deadline_ms = PATIENCE_S * 1000;
  return settings;
}

/* Returns: a client of a cluster that answers */
RunconfEtcd *
cluster_connect (Cluster *self)
{
  g_autoptr (RunconfEtcdSettings) settings = cluster_make_settings (self);
  g_autoptr (GError) error = NULL;
  RunconfEtcd *etcd = runconf_etcd_new (settings, &error);
  g_autoptr (RunconfEtcdRange) range = NULL;

  g_assert_no_error (error);
  range = range_sync (etcd, "ready", NULL, NULL, &error);
  g_assert_no_error (error);
  return etcd;
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* Returns: (transfer full): the result that on_done() takes */
static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return *result;
}

RunconfEtcdRange *
range_sync (RunconfEtcd *etcd, const char *key, const char *end,
            const RunconfEtcdRangeOptions *options, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  runconf_etcd_range_async (etcd, key, end, options, NULL, on_done, &result);
  return runconf_etcd_range_finish (etcd, wait_for (&result), error);
}

/* The skip gets no data of its own. */
RunconfEtcdRange *
list_sync (RunconfEtcd *etcd, const char *prefix, const RunconfEtcdRangeOptions *options,
           RunconfEtcdSkipFunc skip, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  runconf_etcd_list_async (etcd, prefix, options, skip, NULL, on_done, &result);
  return runconf_etcd_list_finish (etcd, wait_for (&result), error);
}

RunconfEtcdOutcome *
commit_sync (RunconfEtcd *etcd, RunconfEtcdTxn *txn, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  runconf_etcd_commit_async (etcd, txn, NULL, on_done, &result);
  return runconf_etcd_commit_finish (etcd, wait_for (&result), error);
}

gint64
grant_sync (RunconfEtcd *etcd, gint64 lease, guint seconds, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  runconf_etcd_grant_async (etcd, lease, seconds, NULL, on_done, &result);
  return runconf_etcd_grant_finish (etcd, wait_for (&result), error);
}

gint64
keep_alive_sync (RunconfEtcd *etcd, gint64 lease, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  runconf_etcd_keep_alive_async (etcd, lease, NULL, on_done, &result);
  return runconf_etcd_keep_alive_finish (etcd, wait_for (&result), error);
}

gboolean
revoke_sync (RunconfEtcd *etcd, gint64 lease, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  runconf_etcd_revoke_async (etcd, lease, NULL, on_done, &result);
  return runconf_etcd_revoke_finish (etcd, wait_for (&result), error);
}

static gint64
get_mod_revision (RunconfEtcd *etcd, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdRange) range = range_sync (etcd, key, NULL, NULL, &error);

  g_assert_no_error (error);

  return range->items->len > 0 ? ((RunconfEtcdItem *) range->items->pdata[0])->mod_revision : 0;
}

/* Returns: the revision */
gint64
put_sync (RunconfEtcd *etcd, const char *key, const char *value)
{
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (GBytes) bytes = g_bytes_new (value, strlen (value));
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;

  /* a put without a comparison whose answer is late is made twice */
  runconf_etcd_txn_compare_mod (txn, key, get_mod_revision (etcd, key));
  runconf_etcd_txn_put (txn, key, bytes, 0);
  runconf_etcd_txn_set_repeatable (txn);
  outcome = commit_sync (etcd, txn, &error);
  g_assert_no_error (error);
  if (outcome->succeeded)
    return outcome->revision;

  /* its first copy was made */
  found = get_sync (etcd, key);
  g_assert_cmpstr (found, ==, value);
  return get_mod_revision (etcd, key);
}

/* Returns: (nullable): the value */
char *
get_sync (RunconfEtcd *etcd, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdRange) range = range_sync (etcd, key, NULL, NULL, &error);
  const RunconfEtcdItem *item;

  g_assert_no_error (error);
  if (range->items->len == 0)
    return NULL;

  item = range->items->pdata[0];
  return g_strndup (g_bytes_get_data (item->value, NULL), g_bytes_get_size (item->value));
}

/* Asks one member for what the client has no function for. Returns: (nullable): the answer */
JsonNode *
post_sync (RunconfEtcd *etcd, guint endpoint, const char *path, const char *body)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  g_autoptr (RunconfEtcdAnswer) answer = NULL;

  runconf_etcd_attempt_async (etcd, endpoint, path, bytes, etcd->token, 5000, NULL, on_done,
                              &result);
  answer = runconf_etcd_attempt_finish (etcd, wait_for (&result));
  return g_steal_pointer (&answer->root);
}

static const char *
get_member_string (JsonNode *root, const char *object, const char *member)
{
  JsonObject *parent = json_node_get_object (root);

  if (object != NULL)
    parent = json_object_get_object_member (parent, object);
  return json_object_get_string_member_with_default (parent, member, "0");
}

guint
cluster_find_leader (Cluster *self)
{
  g_autoptr (RunconfEtcd) etcd = cluster_connect (self);

  for (guint i = 0; i < self->n_members; i++)
    {
      g_autoptr (JsonNode) root
          = self->pids[i] == 0 ? NULL : post_sync (etcd, i, "/v3/maintenance/status", "{}");

      if (root != NULL
          && g_str_equal (get_member_string (root, NULL, "leader"),
                          get_member_string (root, "header", "member_id")))
        return i;
    }

  g_assert_not_reached ();
}

static gboolean
is_ready (RunconfEtcd *etcd, guint member)
{
  g_autoptr (JsonNode) root = post_sync (etcd, member, "/v3/maintenance/status", "{}");

  return root != NULL && !g_str_equal (get_member_string (root, NULL, "leader"), "0");
}

/* Waits until each member that runs knows the leader. */
void
cluster_wait_ready (Cluster *self)
{
  g_autoptr (RunconfEtcd) etcd = cluster_connect (self);
  gint64 deadline = g_get_monotonic_time () + PATIENCE_S * G_USEC_PER_SEC;

  for (guint i = 0; i < self->n_members; i++)
    while (self->pids[i] != 0 && !is_ready (etcd, i))
      {
        g_assert_cmpint (g_get_monotonic_time (), <, deadline);
        g_usleep (20000);
      }
}

static void
on_events (RunconfEtcdWatch *watch, GPtrArray *events, gint64 revision, Listener *self)
{
  self->n_batches++;
  self->last_event = g_get_monotonic_time ();
  g_assert_cmpint (revision, >, self->revision);
  self->revision = revision;

  for (guint i = 0; i < events->len; i++)
    {
      const RunconfEtcdEvent *event = events->pdata[i];
      const RunconfEtcdItem *item = event->item;
      g_autofree char *value
          = g_strndup (g_bytes_get_data (item->value, NULL), g_bytes_get_size (item->value));

      g_ptr_array_add (self->events, event->is_delete
                                         ? g_strdup_printf ("delete %s %" G_GINT64_FORMAT,
                                                            item->key, item->mod_revision)
                                         : g_strdup_printf ("put %s %s %" G_GINT64_FORMAT,
                                                            item->key, value, item->mod_revision));
    }
}

static void
on_reload (RunconfEtcdWatch *watch, const char *reason, Listener *self)
{
  self->n_reloads++;
  g_free (self->reload);
  self->reload = g_strdup (reason);
}

static void
on_state (RunconfEtcdWatch *watch, gboolean is_connected, const char *message, Listener *self)
{
  g_assert_cmpint (is_connected, ==, runconf_etcd_watch_is_connected (watch));
  g_assert_cmpint (is_connected, ==, message == NULL);
  if (is_connected)
    return;

  self->n_breaks++;
  self->last_break = g_get_monotonic_time ();
  g_free (self->message);
  self->message = g_strdup (message);
}

Listener *
listener_new (RunconfEtcd *etcd, const char *prefix, gint64 revision)
{
  Listener *self = g_new0 (Listener, 1);
  g_autofree char *end = runconf_etcd_get_prefix_end (prefix);

  self->events = g_ptr_array_new_with_free_func (g_free);
  self->watch = runconf_etcd_watch_new (etcd);
  runconf_etcd_watch_add (self->watch, prefix, end);
  g_signal_connect (self->watch, "events", G_CALLBACK (on_events), self);
  g_signal_connect (self->watch, "reload", G_CALLBACK (on_reload), self);
  g_signal_connect (self->watch, "state", G_CALLBACK (on_state), self);
  runconf_etcd_watch_start (self->watch, revision);
  return self;
}

void
listener_free (Listener *self)
{
  g_signal_handlers_disconnect_by_data (self->watch, self);
  runconf_etcd_watch_stop (self->watch);
  g_object_unref (self->watch);
  g_ptr_array_unref (self->events);
  g_free (self->reload);
  g_free (self->message);
  g_free (self);
}

static gboolean
on_late (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

gboolean
run_until (gboolean (*done) (gpointer), gpointer user_data, double seconds)
{
  gboolean is_late = FALSE;
  guint timeout = g_timeout_add ((guint) (seconds * 1000), on_late, &is_late);

  while (!is_late && !done (user_data))
    g_main_context_iteration (NULL, TRUE);
  if (!is_late)
    g_source_remove (timeout);

  return !is_late;
}

typedef struct
{
  Listener *listener;
  guint n_events;
} Wanted;

static gboolean
has_events (gpointer user_data)
{
  const Wanted *wanted = user_data;

  return wanted->listener->events->len >= wanted->n_events;
}

void
listener_wait_events (Listener *self, guint n_events)
{
  Wanted wanted = { self, n_events };

  if (!run_until (has_events, &wanted, PATIENCE_S))
    g_error ("%u events of %u; %s", self->events->len, n_events, self->message);
}

static gboolean
is_connected (gpointer user_data)
{
  return runconf_etcd_watch_is_connected (((Listener *) user_data)->watch);
}

void
listener_wait_connected (Listener *self)
{
  if (!run_until (is_connected, self, PATIENCE_S))
    g_error ("%s", self->message);
}
