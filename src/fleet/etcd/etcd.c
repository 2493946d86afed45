/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/etcd-private.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "fleet/etcd/files.h"

/* The watch, its probe, and some calls at a time. */
#define MAX_CONNECTIONS 8

/* How the kernel finds out that a silent connection is dead, after four seconds: a firewall in
 * between may have forgotten it, while the member answers on others.
 */
#define KEEP_ALIVE_IDLE_S 2
#define KEEP_ALIVE_INTERVAL_S 1
#define KEEP_ALIVE_COUNT 2

/* how long the end of a client waits */
#define END_MS 1000

G_DEFINE_TYPE (RunconfEtcd, runconf_etcd, G_TYPE_OBJECT)

static void
runconf_etcd_init (RunconfEtcd *self)
{
}

static void
runconf_etcd_finalize (GObject *object)
{
  RunconfEtcd *self = RUNCONF_ETCD (object);

  if (self->session != NULL)
    soup_session_abort (self->session);
  g_clear_object (&self->session);
  g_clear_object (&self->certificate);
  g_clear_pointer (&self->settings, runconf_etcd_settings_free);
  g_free (self->stamp);
  g_free (self->token);

  G_OBJECT_CLASS (runconf_etcd_parent_class)->finalize (object);
}

static void
runconf_etcd_class_init (RunconfEtcdClass *class)
{
  G_OBJECT_CLASS (class)->finalize = runconf_etcd_finalize;
}

static void
append_stamp (GString *stamp, const char *file)
{
  struct stat status;

  if (file != NULL && stat (file, &status) == 0)
    g_string_append_printf (stamp, "%ju:%ju:%jd.%09ld", (uintmax_t) status.st_dev,
                            (uintmax_t) status.st_ino, (intmax_t) status.st_ctim.tv_sec,
                            status.st_ctim.tv_nsec);
  g_string_append_c (stamp, ' ');
}

/* Returns: (transfer full): differs when a file has changed, or a link has another file */
static char *
make_stamp (RunconfEtcd *self)
{
  GString *stamp = g_string_new (NULL);

  append_stamp (stamp, self->settings->ca);
  append_stamp (stamp, self->settings->certificate);
  append_stamp (stamp, self->settings->key);

  return g_string_free (stamp, FALSE);
}

/* Reads the files with certificates if they have changed: those with a short life are renewed
 * while a program runs. While they don't fit together, the old ones stay.
 */
static gboolean
load_files (RunconfEtcd *self, GError **error)
{
  g_autofree char *stamp = make_stamp (self);
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GTlsDatabase) authorities = NULL;

  if (g_strcmp0 (stamp, self->stamp) == 0)
    return TRUE;
  if (!runconf_etcd_load_certificate (self->settings, &certificate, error)
      || !runconf_etcd_load_authorities (self->settings, &authorities, error))
    return FALSE;

  g_set_object (&self->certificate, certificate);
  if (authorities != NULL)
    soup_session_set_tls_database (self->session, authorities);
  g_free (self->stamp);
  self->stamp = g_steal_pointer (&stamp);
  return TRUE;
}

static gboolean
check_password (RunconfEtcd *self, GError **error)
{
  char *password;

  if (self->settings->user == NULL)
    return TRUE;

  password = runconf_etcd_load_password (self->settings, error);
  runconf_etcd_password_free (password);

  return password != NULL;
}

/* No proxy is asked: the settings name the members. */
static void
make_session (RunconfEtcd *self)
{
  self->session = soup_session_new_with_options (
      "max-conns", MAX_CONNECTIONS * (int) self->n_endpoints, "max-conns-per-host", MAX_CONNECTIONS,
      "proxy-resolver", NULL, "timeout", 0, NULL);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER);
}

/**
 * runconf_etcd_new:
 *
 * Reads the files of the settings. No request is sent before the first call.
 *
 * Returns: (transfer full): a client, or %NULL if the settings can't be right
 */
RunconfEtcd *
runconf_etcd_new (const RunconfEtcdSettings *settings, GError **error)
{
  g_autoptr (RunconfEtcd) self = NULL;

  if (!runconf_etcd_settings_check (settings, error))
    return NULL;

  self = g_object_new (RUNCONF_TYPE_ETCD, NULL);
  self->settings = runconf_etcd_settings_copy (settings);
  self->n_endpoints = g_strv_length (settings->endpoints);
  self->endpoint = g_random_int_range (0, self->n_endpoints);
  make_session (self);
  if (!load_files (self, error) || !check_password (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

static gboolean
on_end_due (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_REMOVE;
}

static void
on_gone (gpointer user_data, GObject *session)
{
  *(gboolean *) user_data = TRUE;
}

/**
 * runconf_etcd_end:
 * @self: (transfer full): a client whose calls have ended or are cancelled
 *
 * Iterates the main context of the thread until the connections are closed, for a thread that doesn't
 * iterate it any more: else a call that was cancelled, such as a watch, would hold them for ever. A
 * call that can't be cancelled isn't waited for longer than a second.
 */
void
runconf_etcd_end (RunconfEtcd *self)
{
  GMainContext *context = g_main_context_get_thread_default ();
  g_autoptr (GSource) timer = g_timeout_source_new (END_MS);
  GObject *session = G_OBJECT (self->session);
  gboolean is_gone = FALSE, is_over = FALSE;

  g_source_set_callback (timer, on_end_due, &is_over, NULL);
  g_source_attach (timer, context);
  g_object_weak_ref (session, on_gone, &is_gone);
  g_object_unref (self);
  while (!is_gone && !is_over)
    g_main_context_iteration (context, TRUE);

  g_source_destroy (timer);
  if (!is_gone)
    g_object_weak_unref (session, on_gone, &is_gone);
}

const RunconfEtcdSettings *
runconf_etcd_get_settings (RunconfEtcd *self)
{
  return self->settings;
}

const char *
runconf_etcd_get_endpoint (RunconfEtcd *self, guint endpoint)
{
  return self->settings->endpoints[endpoint];
}

/**
 * runconf_etcd_leave_endpoint:
 * @endpoint: an endpoint that failed
 *
 * Lets the next request begin with another endpoint.
 */
void
runconf_etcd_leave_endpoint (RunconfEtcd *self, guint endpoint)
{
  if (self->endpoint == endpoint)
    self->endpoint = (endpoint + 1) % self->n_endpoints;
}

static void
keep_alive (GSocket *socket)
{
  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_ALIVE_IDLE_S, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_ALIVE_INTERVAL_S, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPCNT, KEEP_ALIVE_COUNT, NULL);
}

/* With HTTP/2, the watch and its probe would share a connection, and libsoup 3.2 may not end a
 * request whose connection etcd refuses after the handshake.
 */
static void
on_network_event (SoupMessage *message, GSocketClientEvent event, GIOStream *connection,
                  gpointer user_data)
{
  static const char *const protocols[] = { "http/1.1", NULL };

  if (event == G_SOCKET_CLIENT_CONNECTED && G_IS_SOCKET_CONNECTION (connection))
    keep_alive (g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection)));
  else if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING && G_IS_TLS_CONNECTION (connection))
    g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (connection), protocols);
}

/**
 * runconf_etcd_refuse_interim:
 *
 * Cancels a request to which there is an interim response. etcd sends none, and libsoup reads one
 * after the other without a look at the main loop: an endless row of them would stop all timers.
 */
void
runconf_etcd_refuse_interim (SoupMessage *message, GCancellable *cancellable)
{
  g_signal_connect_object (message, "got-informational", G_CALLBACK (g_cancellable_cancel),
                           cancellable, G_CONNECT_SWAPPED);
}

/**
 * runconf_etcd_make_message:
 * @body: (nullable): the body of a POST; %NULL for a GET
 *
 * Without SOUP_MESSAGE_IDEMPOTENT each request would open a connection. With it, a request whose
 * connection ends before the response is sent again, and the message emits `restarted`.
 *
 * Returns: (transfer full): a request
 */
SoupMessage *
runconf_etcd_make_message (RunconfEtcd *self, guint endpoint, const char *path, GBytes *body,
                           const char *token)
{
  const char *base = runconf_etcd_get_endpoint (self, endpoint);
  g_autofree char *url = g_strconcat (base, g_str_has_suffix (base, "/") ? path + 1 : path, NULL);
  SoupMessage *message = soup_message_new (body != NULL ? "POST" : "GET", url);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  g_autoptr (GError) error = NULL;

  if (!load_files (self, &error))
    g_debug ("%s", error->message);

  soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT | SOUP_MESSAGE_NO_REDIRECT);
  if (body != NULL)
    soup_message_set_request_body_from_bytes (message, "application/json", body);
  if (token != NULL)
    soup_message_headers_replace (headers, "Authorization", token);
  if (self->certificate != NULL)
    soup_message_set_tls_client_certificate (message, self->certificate);
  g_signal_connect (message, "network-event", G_CALLBACK (on_network_event), NULL);

  return message;
}
