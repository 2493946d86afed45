/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/receiver.h"

#include <string.h>

#include "client/ears.h"
#include "client/memory.h"
#include "client/seek.h"
#include "client/worker.h"
#include "core/error.h"
#include "core/object-path.h"

/* How no change is lost, and none is reported twice
 *
 * Each listener has the last snapshot that it reported, and the version of the last signal that is
 * included in it. The signals of the service are received over one connection and in order. A
 * signal of a newer version is reported with its paths, and replaces the snapshot; a signal of an
 * older version is included in the snapshot already, and is ignored. Whenever signals may have been
 * missed, the snapshot is compared with the newest one instead, and all differences are reported as
 * one change:
 *
 * - When a listener is new. Its first snapshot is the newest one when it was made, before the bus
 *   has its match rule. So it is compared when the bus has confirmed the rule, and receives signals
 *   from then on.
 * - When the service has started again. Its changes from before it owned its name, and signals of
 *   the old service that were lost, are found by comparing.
 * - When the arena couldn't be renewed, so that the old one was read for a while.
 * - When a private arena is read, which begins with a version that the service doesn't choose, and
 *   when the library changes from a private arena to a shared one or back.
 *
 * Only signals from the owner of the service's name, as reported by the bus, count: the bus also
 * delivers messages that match no rule, if they are sent to this connection by name. And a change
 * is reported only when reads in this process see it.
 *
 * The connection belongs to the program, which may have its own subscriptions. So the library adds
 * its match rules by itself, since it must know when the bus has them, and the receiver subscribes
 * once for each configuration to all signals of its object.
 *
 * Without a bus there are no match rules, all signals are received, and they have no sender. The
 * service is there as long as the connection is open.
 *
 * The "ears" of a receiver are its listeners with their match rules, see ears.c.
 *
 * How the receiver knows whether the service is there
 *
 * - The service starts or ends: the bus reports the new owner of its name.
 * - The configuration is added or removed: the service reports its object.
 * - The bus ends: the connection is closed. If it is a connection of the library, the receiver
 *   searches for the bus, see seek.c, and continues with a new connection. A connection that the
 *   program has made can't be replaced.
 * - The service is stopped, or hangs: a ping has no reply, see stall.c.
 * - The service replies, but not correctly: it is asked again later.
 */
/* in ms: the delay before a service that is there but doesn't reply correctly is asked again; it
 * doubles each time
 */
#define MIN_RETRY 250
#define MAX_RETRY 60000

/* in ms: the first delay of this length is the reason for a warning */
#define WARNING_RETRY 1000

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

struct _RunconfReceiver
{
  gint ref_count; /* atomic */
  RunconfLink *link;
  int is_woken; /* atomic: whether a renewal of the arena is requested */
  RunconfStall *stall;

  /* used by the worker thread only */
  GDBusConnection *connection; /* %NULL while there is no bus */
  RunconfSeek *seek;           /* %NULL unless a bus is searched for */
  gboolean may_start;          /* whether the bus should be asked to start the service */
  char *service;               /* the last known owner of the service's name, or NULL */
  char *owner;                 /* the sender whose signals count, or NULL */
  gboolean has_missed;         /* whether signals may have been lost */
  RunconfEars *ears;
  guint signal_id;
  guint manager_id;
  guint owner_id;
  gulong closed_id;
  GSource *retry;
  guint retry_ms;
  gboolean has_warned; /* of the present failure to read */
  gboolean is_closed;
};

static void refresh (RunconfReceiver *self);

static void
on_recovered (gpointer user_data)
{
  RunconfReceiver *self = user_data;

  self->has_missed = TRUE;
  refresh (self);
}

static void
cancel_retry (RunconfReceiver *self)
{
  if (self->retry != NULL)
    g_source_destroy (self->retry);
  g_clear_pointer (&self->retry, g_source_unref);
}

static void
on_stall (gpointer user_data, gboolean is_stalled)
{
  RunconfReceiver *self = user_data;

  if (!is_stalled)
    {
      refresh (self);
      return;
    }

  /* calls of this thread would wait, too */
  cancel_retry (self);
  runconf_link_set_disconnected (self->link, "the service doesn't reply");
}

/**
 * runconf_receiver_new:
 * @link: a link
 * @may_start: whether the service wasn't searched for yet, so that the bus should be asked to start it
 *
 * Returns: (transfer full): a receiver that receives nothing yet
 */
RunconfReceiver *
runconf_receiver_new (RunconfLink *link, gboolean may_start)
{
  RunconfReceiver *self = g_new0 (RunconfReceiver, 1);

  self->ref_count = 1;
  self->link = runconf_link_ref (link);
  self->stall = runconf_stall_new (link, on_stall, self);
  self->may_start = may_start;
  self->ears = runconf_ears_new (link, on_recovered, self);
  self->has_missed = TRUE;
  self->retry_ms = MIN_RETRY;

  return self;
}

static RunconfReceiver *
ref (RunconfReceiver *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
runconf_receiver_unref (RunconfReceiver *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  runconf_link_unref (self->link);
  runconf_ears_free (self->ears);
  runconf_stall_unref (self->stall);
  g_clear_object (&self->connection);
  g_free (self->service);
  g_free (self->owner);
  g_free (self);
}

/**
 * runconf_receiver_get_stall:
 *
 * Returns: (transfer none): to be informed of the calls to the service
 */
RunconfStall *
runconf_receiver_get_stall (RunconfReceiver *self)
{
  return self->stall;
}

static gboolean
has_bus (RunconfReceiver *self)
{
  return self->link->is_bus;
}

static void
on_retry (gpointer data)
{
  RunconfReceiver *self = data;

  g_clear_pointer (&self->retry, g_source_unref);
  refresh (self);
}

static void
retry_later (RunconfReceiver *self, const GError *error)
{
  if (self->retry != NULL || self->is_closed)
    return;

  /* a service that is just ending or starting is no reason for a warning */
  if (self->retry_ms >= WARNING_RETRY && !self->has_warned)
    {
      self->has_warned = TRUE;
      g_warning ("reads of the configuration “%s” may return old values until the service can be "
                 "read again: %s",
                 self->link->name, error->message);
    }

  self->retry = runconf_worker_post_later (self->retry_ms, on_retry, ref (self),
                                           (GDestroyNotify) runconf_receiver_unref);
  self->retry_ms = MIN (self->retry_ms * 2, MAX_RETRY);
}

static void
lose_owner (RunconfReceiver *self, const char *reason)
{
  g_clear_pointer (&self->owner, g_free);
  self->has_missed = TRUE;
  runconf_link_set_disconnected (self->link, reason);
}

/* If the service starts, the bus reports it. */
static void
start_service (RunconfReceiver *self)
{
  if (!self->may_start || !has_bus (self))
    return;

  self->may_start = FALSE;
  g_dbus_connection_call (self->connection, BUS_NAME, BUS_PATH, BUS_NAME, "StartServiceByName",
                          g_variant_new ("(su)", RUNCONF_BUS_NAME, 0), NULL, G_DBUS_CALL_FLAGS_NONE,
                          -1, NULL, NULL, NULL);
}

static void
note_service (RunconfReceiver *self, const char *owner)
{
  g_free (self->service);
  self->service = g_strdup (owner);
}

/* The service is there, but the configuration can't be read. If the service has no such
 * configuration, it reports when there is one.
 */
static void
fail (RunconfReceiver *self, const GError *error)
{
  lose_owner (self, error->message);
  runconf_link_report_fallback (self->link, error);
  if (g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND))
    return;

  retry_later (self, error);
  runconf_stall_ping (self->stall, FALSE);
}

/* A private arena isn't written by the service: each change has to be noticed by its signal.
 *
 * Returns: whether that is new, so that earlier changes may have been missed
 */
static gboolean
attend (RunconfReceiver *self)
{
  gboolean is_private = !runconf_link_is_shared (self->link);

  return runconf_ears_set_attentive (self->ears, is_private) && is_private;
}

static gboolean
renew (RunconfReceiver *self, const char *owner, GError **error)
{
  attend (self);
  if (!runconf_link_renew (self->link, owner, error))
    return FALSE;

  return !attend (self) || runconf_link_renew (self->link, owner, error);
}

/* Makes sure that the newest arena is read, and that all missed changes are reported. */
static void
refresh (RunconfReceiver *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *owner = NULL;

  if (self->is_closed || self->connection == NULL)
    return;

  cancel_retry (self);
  owner = runconf_link_find_owner (self->link, &error);
  if (owner == NULL)
    {
      lose_owner (self, error->message);
      runconf_link_report_fallback (self->link, error);
      start_service (self);
      /* it may be the bus that doesn't reply */
      runconf_stall_ping (self->stall, has_bus (self));
      return;
    }

  self->may_start = FALSE;
  note_service (self, owner);
  if (!renew (self, owner, &error) || !runconf_link_fetch_state (self->link, owner, NULL, &error))
    {
      fail (self, error);
      return;
    }

  __atomic_store_n (&self->is_woken, FALSE, __ATOMIC_RELEASE);
  self->retry_ms = MIN_RETRY;
  self->has_warned = FALSE;
  self->has_missed |= g_strcmp0 (self->owner, owner) != 0;
  g_free (self->owner);
  self->owner = g_steal_pointer (&owner);
  runconf_link_set_connected (self->link);
  if (self->has_missed)
    runconf_ears_compare (self->ears);
  self->has_missed = FALSE;
}

/* Reads return old values until the next attempt. */
static void
fall_behind (RunconfReceiver *self, const GError *error)
{
  self->has_missed = TRUE;
  runconf_link_set_disconnected (self->link, error->message);
  retry_later (self, error);
  runconf_stall_ping (self->stall, FALSE);
}

static void
on_config_changed (RunconfReceiver *self, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autofree const char **paths = NULL;
  g_autoptr (GVariant) details = NULL;
  guint64 version;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sasta{sv})")))
    return;

  if (self->has_missed)
    {
      refresh (self);
      return;
    }

  g_variant_get (parameters, "(s^a&st@a{sv})", NULL, &paths, &version, &details);
  if (!runconf_link_catch_up (self->link, version, NULL, &error))
    {
      fall_behind (self, error);
      return;
    }

  if (attend (self))
    {
      self->has_missed = TRUE;
      refresh (self);
      return;
    }

  runconf_link_note_version (self->link);
  runconf_ears_notify (self->ears, paths, version, details);
}

/* All changes from before the fresh arena have been reported already. So the last reported
 * snapshots are also in the fresh arena, and the old one can be released. But a private arena may
 * begin with a later version.
 */
static void
on_snapshot_replaced (RunconfReceiver *self)
{
  g_autoptr (GError) error = NULL;

  if (self->has_missed || !runconf_link_is_shared (self->link))
    {
      self->has_missed = TRUE;
      refresh (self);
      return;
    }

  if (!renew (self, self->owner, &error))
    {
      fall_behind (self, error);
      return;
    }

  __atomic_store_n (&self->is_woken, FALSE, __ATOMIC_RELEASE);
  if (runconf_link_is_shared (self->link))
    runconf_ears_move (self->ears);
  else
    runconf_ears_compare (self->ears);
}

static void
on_properties_changed (RunconfReceiver *self, GVariant *parameters)
{
  g_autoptr (GVariant) properties = NULL;
  const char *interface;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;

  g_variant_get (parameters, "(&s@a{sv}@as)", &interface, &properties, NULL);
  if (strcmp (interface, RUNCONF_INTERFACE) != 0)
    return;

  runconf_link_take_properties (self->link, properties);
  if (g_variant_lookup (properties, "SnapshotRevision", "u", NULL))
    on_snapshot_replaced (self);
}

static void
on_signal (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *signal, GVariant *parameters, gpointer user_data)
{
  RunconfReceiver *self = user_data;

  /* any process on a bus can send a signal to this connection */
  if (self->is_closed || self->owner == NULL
      || (has_bus (self) && g_strcmp0 (sender, self->owner) != 0))
    return;

  if (strcmp (interface, PROPERTIES_INTERFACE) == 0 && strcmp (signal, "PropertiesChanged") == 0)
    on_properties_changed (self, parameters);
  else if (strcmp (interface, RUNCONF_INTERFACE) == 0 && strcmp (signal, "ConfigChanged") == 0)
    on_config_changed (self, parameters);
}

static void
on_owner_changed (GDBusConnection *connection, const char *sender, const char *path,
                  const char *interface, const char *signal, GVariant *parameters,
                  gpointer user_data)
{
  RunconfReceiver *self = user_data;
  const char *name, *owner;

  if (self->is_closed || g_strcmp0 (sender, BUS_NAME) != 0
      || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return;

  g_variant_get (parameters, "(&s&s&s)", &name, NULL, &owner);
  if (strcmp (name, RUNCONF_BUS_NAME) != 0)
    return;

  self->retry_ms = MIN_RETRY;
  note_service (self, owner);
  if (*owner == '\0')
    lose_owner (self, "the service has ended");
  else
    refresh (self);
}

static void
on_manager_signal (GDBusConnection *connection, const char *sender, const char *path,
                   const char *interface, const char *signal, GVariant *parameters,
                   gpointer user_data)
{
  RunconfReceiver *self = user_data;
  gboolean is_added = strcmp (signal, "InterfacesAdded") == 0;
  const GVariantType *type = G_VARIANT_TYPE (is_added ? "(oa{sa{sv}})" : "(oas)");
  const char *object;

  if (self->is_closed || (has_bus (self) && g_strcmp0 (sender, self->service) != 0)
      || !g_variant_is_of_type (parameters, type))
    return;

  g_variant_get_child (parameters, 0, "&o", &object);
  if (strcmp (object, self->link->object_path) != 0)
    return;

  if (is_added)
    refresh (self);
  else
    lose_owner (self, "the service doesn't serve the configuration any more");
}

/* A configuration in memory has no signals to receive, and needs no thread. */
static void
post (RunconfReceiver *self, void (*function) (gpointer))
{
  if (self->link->memory != NULL)
    return;

  runconf_worker_post (function, ref (self), (GDestroyNotify) runconf_receiver_unref);
}

static void
do_refresh (gpointer data)
{
  refresh (data);
}

static void
on_closure_gone (gpointer data, GClosure *closure)
{
  runconf_receiver_unref (data);
}

static guint
subscribe (RunconfReceiver *self, const char *sender, const char *interface, const char *signal,
           const char *path, const char *argument, GDBusSignalCallback callback)
{
  return g_dbus_connection_signal_subscribe (self->connection, sender, interface, signal, path,
                                             argument, G_DBUS_SIGNAL_FLAGS_NO_MATCH_RULE, callback,
                                             ref (self), (GDestroyNotify) runconf_receiver_unref);
}

static void on_closed (GDBusConnection *connection, gboolean peer_vanished, GError *error,
                       gpointer user_data);

/* The bus has the match rules before it replies to the calls that follow. */
static void
join (RunconfReceiver *self, GDBusConnection *connection)
{
  self->connection = g_object_ref (connection);
  self->signal_id = subscribe (self, NULL, NULL, NULL, self->link->object_path, NULL, on_signal);
  self->manager_id = subscribe (self, NULL, "org.freedesktop.DBus.ObjectManager", NULL,
                                RUNCONF_MANAGER_PATH, NULL, on_manager_signal);
  self->closed_id = g_signal_connect_data (connection, "closed", G_CALLBACK (on_closed), ref (self),
                                           on_closure_gone, 0);
  if (has_bus (self))
    self->owner_id = subscribe (self, BUS_NAME, BUS_NAME, "NameOwnerChanged", BUS_PATH,
                                RUNCONF_BUS_NAME, on_owner_changed);
  runconf_ears_open (self->ears, connection);
}

static void
leave (RunconfReceiver *self)
{
  if (self->connection == NULL)
    return;

  g_dbus_connection_signal_unsubscribe (self->connection, self->signal_id);
  g_dbus_connection_signal_unsubscribe (self->connection, self->manager_id);
  g_signal_handler_disconnect (self->connection, self->closed_id);
  if (has_bus (self))
    g_dbus_connection_signal_unsubscribe (self->connection, self->owner_id);
  runconf_ears_close (self->ears);
  g_clear_object (&self->connection);
}

static void
on_sought (gpointer user_data, GDBusConnection *connection, const GError *error)
{
  RunconfReceiver *self = user_data;

  if (connection == NULL)
    {
      runconf_link_set_disconnected (self->link, error->message);
      runconf_link_report_fallback (self->link, error);
      return;
    }

  self->seek = NULL;
  self->may_start = TRUE;
  runconf_link_set_connection (self->link, connection);
  join (self, connection);
  refresh (self);
}

static void
seek (RunconfReceiver *self)
{
  if (self->link->bus_type != G_BUS_TYPE_NONE && self->seek == NULL)
    self->seek = runconf_seek_new (self->link->bus_type, on_sought, self);
}

static void
do_close_connection (gpointer data)
{
  RunconfReceiver *self = data;

  if (self->is_closed || self->connection == NULL
      || !g_dbus_connection_is_closed (self->connection))
    return;

  cancel_retry (self);
  leave (self);
  lose_owner (self, has_bus (self) ? "the connection to the bus is closed"
                                   : "the connection to the service is closed");
  seek (self);
}

static void
on_closed (GDBusConnection *connection, gboolean peer_vanished, GError *error, gpointer user_data)
{
  post (user_data, do_close_connection);
}

static void
do_start (gpointer data)
{
  RunconfReceiver *self = data;
  g_autoptr (GDBusConnection) connection = runconf_link_dup_connection (self->link);

  if (self->is_closed)
    return;

  if (connection == NULL)
    {
      seek (self);
      return;
    }

  join (self, connection);
  refresh (self);
  /* it may have been closed before its signal had a handler */
  do_close_connection (self);
}

static void
do_close (gpointer data)
{
  RunconfReceiver *self = data;

  if (self->is_closed)
    return;

  self->is_closed = TRUE;
  cancel_retry (self);
  g_clear_pointer (&self->seek, runconf_seek_free);
  runconf_stall_close (self->stall);
  leave (self);
}

/**
 * runconf_receiver_start:
 *
 * Starts to receive signals, and checks for changes since the link was opened.
 */
void
runconf_receiver_start (RunconfReceiver *self)
{
  post (self, do_start);
}

/**
 * runconf_receiver_close:
 *
 * Stops receiving signals, and removes the match rules from the bus.
 */
void
runconf_receiver_close (RunconfReceiver *self)
{
  post (self, do_close);
}

/**
 * runconf_receiver_wake:
 *
 * Requests a renewal of the arena, because a reader found it closed.
 */
void
runconf_receiver_wake (RunconfReceiver *self)
{
  if (!__atomic_exchange_n (&self->is_woken, TRUE, __ATOMIC_ACQ_REL))
    post (self, do_refresh);
}

static void
do_attend (gpointer data)
{
  RunconfReceiver *self = data;

  if (self->is_closed || !attend (self))
    return;

  self->has_missed = TRUE;
  refresh (self);
}

/**
 * runconf_receiver_attend:
 *
 * Notes that the values are no longer read in shared memory, so that each change is noticed.
 */
void
runconf_receiver_attend (RunconfReceiver *self)
{
  post (self, do_attend);
}

typedef struct
{
  RunconfReceiver *receiver;
  RunconfListener *listener;
} Request;

static Request *
request_new (RunconfReceiver *receiver, RunconfListener *listener)
{
  Request *request = g_new (Request, 1);

  request->receiver = ref (receiver);
  request->listener = runconf_listener_ref (listener);

  return request;
}

static void
request_free (gpointer data)
{
  Request *request = data;

  runconf_receiver_unref (request->receiver);
  runconf_listener_unref (request->listener);
  g_free (request);
}

static void
do_add (gpointer data)
{
  Request *request = data;

  if (!request->receiver->is_closed)
    runconf_ears_add (request->receiver->ears, request->listener);
}

static void
do_remove (gpointer data)
{
  Request *request = data;

  runconf_ears_remove (request->receiver->ears, request->listener);
}

/**
 * runconf_receiver_add:
 *
 * Adds a listener. It reports the changes from now on, and those since it was made.
 */
void
runconf_receiver_add (RunconfReceiver *self, RunconfListener *listener)
{
  if (self->link->memory != NULL)
    runconf_memory_add (self->link->memory, listener);
  else
    runconf_worker_post (do_add, request_new (self, listener), request_free);
}

/**
 * runconf_receiver_remove:
 *
 * Removes a listener.
 */
void
runconf_receiver_remove (RunconfReceiver *self, RunconfListener *listener)
{
  if (self->link->memory != NULL)
    runconf_memory_remove (self->link->memory, listener);
  else
    runconf_worker_post (do_remove, request_new (self, listener), request_free);
}
