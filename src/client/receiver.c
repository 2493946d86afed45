/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/receiver.h"

#include <string.h>

#include "client/bus.h"
#include "client/ears.h"
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
 */
/* in ms: the delay before a service that is there but doesn't reply correctly is asked again; it
 * doubles each time
 */
#define MIN_RETRY 1000
#define MAX_RETRY 60000

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

struct _RunconfReceiver
{
  gint ref_count; /* atomic */
  RunconfLink *link;
  int is_woken; /* atomic: whether a renewal of the arena is requested */

  /* used by the worker thread only */
  char *owner;         /* the sender whose signals count, or NULL */
  gboolean has_missed; /* whether signals may have been lost */
  RunconfEars *ears;
  guint signal_id;
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

/**
 * runconf_receiver_new:
 * @link: an open link
 *
 * Returns: (transfer full): a receiver that receives nothing yet
 */
RunconfReceiver *
runconf_receiver_new (RunconfLink *link)
{
  RunconfReceiver *self = g_new0 (RunconfReceiver, 1);

  self->ref_count = 1;
  self->link = runconf_link_ref (link);
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
  g_free (self->owner);
  g_free (self);
}

static gboolean
has_bus (RunconfReceiver *self)
{
  return runconf_bus_is_there (self->link->connection);
}

static void
on_retry (gpointer data)
{
  RunconfReceiver *self = data;

  g_clear_pointer (&self->retry, g_source_unref);
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
retry_later (RunconfReceiver *self, const GError *error)
{
  if (self->retry != NULL || self->is_closed)
    return;

  /* a service that is just ending or starting is no reason for a warning */
  if (self->retry_ms > MIN_RETRY && !self->has_warned)
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
lose_owner (RunconfReceiver *self)
{
  g_clear_pointer (&self->owner, g_free);
  self->has_missed = TRUE;
  runconf_link_set_connected (self->link, FALSE);
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

  if (self->is_closed)
    return;

  cancel_retry (self);
  owner = runconf_link_find_owner (self->link, NULL);
  if (owner == NULL)
    {
      lose_owner (self);
      return;
    }

  if (!renew (self, owner, &error) || !runconf_link_fetch_state (self->link, owner, NULL, &error))
    {
      lose_owner (self);
      retry_later (self, error);
      return;
    }

  __atomic_store_n (&self->is_woken, FALSE, __ATOMIC_RELEASE);
  self->retry_ms = MIN_RETRY;
  self->has_warned = FALSE;
  self->has_missed |= g_strcmp0 (self->owner, owner) != 0;
  g_free (self->owner);
  self->owner = g_steal_pointer (&owner);
  runconf_link_set_connected (self->link, TRUE);
  if (self->has_missed)
    runconf_ears_compare (self->ears);
  self->has_missed = FALSE;
}

/* Reads return old values until the next attempt. */
static void
fall_behind (RunconfReceiver *self, const GError *error)
{
  self->has_missed = TRUE;
  runconf_link_set_connected (self->link, FALSE);
  retry_later (self, error);
}

static void
on_config_changed (RunconfReceiver *self, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autofree const char **paths = NULL;
  g_autoptr (GVariant) details = NULL;
  g_autoptr (GVariant) values = NULL;
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
  values = g_variant_lookup_value (details, "values", G_VARIANT_TYPE_VARDICT);
  runconf_ears_notify (self->ears, paths, version, values);
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
  if (strcmp (interface, RUNCONF_INTERFACE) == 0)
    runconf_link_take_properties (self->link, properties);
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
  else if (strcmp (interface, RUNCONF_INTERFACE) != 0)
    return;
  else if (strcmp (signal, "ConfigChanged") == 0)
    on_config_changed (self, parameters);
  else if (strcmp (signal, "SnapshotReplaced") == 0)
    on_snapshot_replaced (self);
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
  if (*owner == '\0')
    lose_owner (self);
  else
    refresh (self);
}

static void
post (RunconfReceiver *self, void (*function) (gpointer))
{
  runconf_worker_post (function, ref (self), (GDestroyNotify) runconf_receiver_unref);
}

static void
do_refresh (gpointer data)
{
  refresh (data);
}

static void
on_closed (GDBusConnection *connection, gboolean peer_vanished, GError *error, gpointer user_data)
{
  post (user_data, do_refresh);
}

static void
on_closure_gone (gpointer data, GClosure *closure)
{
  runconf_receiver_unref (data);
}

static void
hear_owner (RunconfReceiver *self)
{
  self->owner_id = g_dbus_connection_signal_subscribe (
      self->link->connection, BUS_NAME, BUS_NAME, "NameOwnerChanged", BUS_PATH, RUNCONF_BUS_NAME,
      G_DBUS_SIGNAL_FLAGS_NO_MATCH_RULE, on_owner_changed, ref (self),
      (GDestroyNotify) runconf_receiver_unref);
  runconf_ears_open (self->ears);
}

static void
do_start (gpointer data)
{
  RunconfReceiver *self = data;
  GDBusConnection *connection = self->link->connection;

  if (self->is_closed)
    return;

  self->signal_id
      = g_dbus_connection_signal_subscribe (connection, NULL, NULL, NULL, self->link->object_path,
                                            NULL, G_DBUS_SIGNAL_FLAGS_NO_MATCH_RULE, on_signal,
                                            ref (self), (GDestroyNotify) runconf_receiver_unref);
  self->closed_id = g_signal_connect_data (connection, "closed", G_CALLBACK (on_closed), ref (self),
                                           on_closure_gone, 0);
  if (has_bus (self))
    hear_owner (self);

  /* The bus has these rules before it replies to the calls that follow. */
  refresh (self);
}

static void
do_close (gpointer data)
{
  RunconfReceiver *self = data;
  GDBusConnection *connection = self->link->connection;

  if (self->is_closed)
    return;

  self->is_closed = TRUE;
  cancel_retry (self);
  if (self->signal_id == 0)
    return;

  g_dbus_connection_signal_unsubscribe (connection, self->signal_id);
  g_signal_handler_disconnect (connection, self->closed_id);
  if (has_bus (self))
    g_dbus_connection_signal_unsubscribe (connection, self->owner_id);
  runconf_ears_close (self->ears);
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
  runconf_worker_post (do_remove, request_new (self, listener), request_free);
}
