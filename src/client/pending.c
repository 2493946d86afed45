/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/pending.h"

#include <runconf/error.h>

#include "client/remote-error.h"

/* How to wait for the replies of asynchronous calls
 *
 * GDBus passes a reply to the main context of the caller. A program that waits before it exits
 * doesn't run that context any more, and must not run it, since any code could run there. So a
 * filter of the connection, which runs in the thread of GDBus, notes each reply as it arrives. The
 * filter knows the calls by their serials. A reply may arrive before the serial is noted; therefore
 * the filter waits for the lock that the sender holds meanwhile.
 *
 * A write is pending until its callback runs, because until then its error is known here only.
 */

/* in µs: how often a wait checks the connection and the cancellable. The signal of a connection that
 * is closed is emitted in a main context, which may not run.
 */
#define POLL (50 * G_TIME_SPAN_MILLISECOND)

/* in ms: the default of GDBus */
#define DEFAULT_TIMEOUT 25000

struct _RunconfWrite
{
  GDBusConnection *connection;
  guint32 serial; /* 0 if it wasn't sent */
  gint64 deadline;
  gboolean is_done;
  GError *error;
  guint64 version;
};

typedef struct
{
  GObject *object; /* borrowed */
  GMainContext *context;
  RunconfPendingFunc send;
} Holder;

struct _RunconfPending
{
  gint ref_count; /* atomic */

  GMutex mutex; /* protects the fields below, and those of the writes */
  GCond cond;   /* signalled when a write is done */
  GPtrArray *writes;
  GPtrArray *holders;
  GDBusConnection *connection; /* the one with the filter; %NULL before the first write */
  guint filter;
  guint32 last_serial; /* while the lock is held for a call */
};

static void
write_clear (gpointer data)
{
  RunconfWrite *write = data;

  g_clear_object (&write->connection);
  g_clear_error (&write->error);
}

static void
write_release (gpointer data)
{
  g_atomic_rc_box_release_full (data, write_clear);
}

static void
holder_free (gpointer data)
{
  Holder *holder = data;

  g_main_context_unref (holder->context);
  g_free (holder);
}

/**
 * runconf_pending_new:
 *
 * Returns: (transfer full): pending writes, of which there are none; free it with
 *   runconf_pending_close()
 */
RunconfPending *
runconf_pending_new (void)
{
  RunconfPending *self = g_new0 (RunconfPending, 1);

  self->ref_count = 1;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->writes = g_ptr_array_new_with_free_func (write_release);
  self->holders = g_ptr_array_new_with_free_func (holder_free);

  return self;
}

static void
unref (gpointer data)
{
  RunconfPending *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_ptr_array_unref (self->writes);
  g_ptr_array_unref (self->holders);
  g_free (self);
}

static void
remove_filter (RunconfPending *self)
{
  if (self->connection != NULL)
    g_dbus_connection_remove_filter (self->connection, self->filter);
  g_clear_object (&self->connection);
}

/**
 * runconf_pending_close:
 *
 * Frees the object, and removes its filter.
 */
void
runconf_pending_close (RunconfPending *self)
{
  remove_filter (self);
  unref (self);
}

static void
finish (RunconfPending *self, RunconfWrite *write, GError *error)
{
  write->is_done = TRUE;
  write->error = error;
  g_cond_broadcast (&self->cond);
}

static void
take_reply (RunconfPending *self, RunconfWrite *write, GDBusMessage *message)
{
  GVariant *body = g_dbus_message_get_body (message);
  GError *error = NULL;

  if (g_dbus_message_to_gerror (message, &error))
    runconf_error_take_remote (error, TRUE);
  else if (body != NULL && g_str_has_prefix (g_variant_get_type_string (body), "(t"))
    g_variant_get_child (body, 0, "t", &write->version);
  finish (self, write, error);
}

static GDBusMessage *
on_message (GDBusConnection *connection, GDBusMessage *message, gboolean is_incoming,
            gpointer user_data)
{
  RunconfPending *self = user_data;
  GDBusMessageType type = g_dbus_message_get_message_type (message);
  guint32 serial = g_dbus_message_get_reply_serial (message);

  if (!is_incoming
      || (type != G_DBUS_MESSAGE_TYPE_METHOD_RETURN && type != G_DBUS_MESSAGE_TYPE_ERROR))
    return message;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->writes->len; i++)
    {
      RunconfWrite *write = self->writes->pdata[i];

      if (write->connection == connection && write->serial == serial && !write->is_done)
        take_reply (self, write, message);
    }
  g_mutex_unlock (&self->mutex);

  return message;
}

/**
 * runconf_pending_lock:
 * @timeout: the time limit of the call in ms; -1 is the default of GDBus
 *
 * Must be called before an asynchronous write is sent, and runconf_pending_unlock() after it.
 *
 * Returns: (transfer none): the write, until runconf_pending_end()
 */
RunconfWrite *
runconf_pending_lock (RunconfPending *self, GDBusConnection *connection, int timeout)
{
  RunconfWrite *write = g_atomic_rc_box_new0 (RunconfWrite);
  gint64 limit = timeout < 0 ? DEFAULT_TIMEOUT : timeout;

  write->connection = g_object_ref (connection);
  write->deadline = timeout == G_MAXINT ? G_MAXINT64
                                        : g_get_monotonic_time () + limit * G_TIME_SPAN_MILLISECOND;
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->writes, write);
  if (self->connection != connection)
    {
      /* calls over a closed connection get no reply any more */
      remove_filter (self);
      g_atomic_int_inc (&self->ref_count);
      self->connection = g_object_ref (connection);
      self->filter = g_dbus_connection_add_filter (connection, on_message, self, unref);
    }
  self->last_serial = g_dbus_connection_get_last_serial (connection);

  return write;
}

/**
 * runconf_pending_unlock:
 *
 * Notes the call that this thread has just sent over the connection.
 */
void
runconf_pending_unlock (RunconfPending *self, RunconfWrite *write, GDBusConnection *connection)
{
  guint32 serial = g_dbus_connection_get_last_serial (connection);

  write->serial = serial != self->last_serial ? serial : 0;
  g_mutex_unlock (&self->mutex);
}

/**
 * runconf_pending_add_done:
 * @error: (nullable): the error of the call
 *
 * Notes an asynchronous write that is done, and whose callback will run.
 *
 * Returns: (transfer none): the write, until runconf_pending_end()
 */
RunconfWrite *
runconf_pending_add_done (RunconfPending *self, const GError *error)
{
  RunconfWrite *write = g_atomic_rc_box_new0 (RunconfWrite);

  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->writes, write);
  finish (self, write, error != NULL ? g_error_copy (error) : NULL);
  g_mutex_unlock (&self->mutex);

  return write;
}

/**
 * runconf_pending_end:
 * @error: (nullable): the error of the call
 *
 * Forgets a write, whose callback is about to run.
 */
void
runconf_pending_end (RunconfPending *self, RunconfWrite *write, const GError *error)
{
  g_mutex_lock (&self->mutex);
  if (!write->is_done)
    finish (self, write, error != NULL ? g_error_copy (error) : NULL);
  g_ptr_array_remove (self->writes, write);
  g_mutex_unlock (&self->mutex);
}

/**
 * runconf_pending_add_holder:
 * @object: a #GObject that may hold a value back until a write has its reply
 * @context: the main context that owns it
 * @send: sends the value
 */
void
runconf_pending_add_holder (RunconfPending *self, gpointer object, GMainContext *context,
                            RunconfPendingFunc send)
{
  Holder *holder = g_new (Holder, 1);

  *holder = (Holder){ object, g_main_context_ref (context), send };
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->holders, holder);
  g_mutex_unlock (&self->mutex);
}

void
runconf_pending_remove_holder (RunconfPending *self, gpointer object)
{
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->holders->len; i++)
    if (((Holder *) self->holders->pdata[i])->object == object)
      g_ptr_array_remove_index_fast (self->holders, i--);
  g_mutex_unlock (&self->mutex);
}

/* Returns: (transfer full): the holders of a main context, each with a reference to its object */
static GArray *
find_holders (RunconfPending *self, GMainContext *context)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (Holder));

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->holders->len; i++)
    {
      Holder *holder = self->holders->pdata[i];

      if (holder->context != context)
        continue;
      g_object_ref (holder->object);
      g_array_append_val (found, *holder);
    }
  g_mutex_unlock (&self->mutex);

  return found;
}

/**
 * runconf_pending_send_held:
 *
 * Sends the values that are held back in the thread-default main context of the caller, unless
 * another thread runs that.
 */
void
runconf_pending_send_held (RunconfPending *self)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr (GArray) found = NULL;

  if (!g_main_context_acquire (context))
    return;

  found = find_holders (self, context);
  for (guint i = 0; i < found->len; i++)
    {
      Holder *holder = &g_array_index (found, Holder, i);

      holder->send (holder->object);
      g_object_unref (holder->object);
    }
  g_main_context_release (context);
}

/**
 * runconf_pending_list:
 *
 * Returns: (transfer full): the writes that are pending now
 */
GPtrArray *
runconf_pending_list (RunconfPending *self)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (write_release);

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->writes->len; i++)
    g_ptr_array_add (all, g_atomic_rc_box_acquire (self->writes->pdata[i]));
  g_mutex_unlock (&self->mutex);

  return all;
}

/* Returns: whether to go on waiting for the write */
static gboolean
check (RunconfWrite *write, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  if (g_dbus_connection_is_closed (write->connection))
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                 "the connection to the bus is closed; the last writes may not be done");
  else if (g_get_monotonic_time () >= write->deadline)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                 "the service doesn't reply; the last writes may still be done");
  else
    return TRUE;

  return FALSE;
}

/**
 * runconf_pending_wait:
 * @writes: writes of runconf_pending_list()
 * @version: (out): the newest version of the replies, 0 if there was none
 *
 * Blocks until all the writes have their reply.
 *
 * Returns: %FALSE with the error of the first write that failed, or with the reason why the wait
 *   ended before
 */
gboolean
runconf_pending_wait (RunconfPending *self, GPtrArray *writes, guint64 *version,
                      GCancellable *cancellable, GError **error)
{
  const GError *first = NULL;
  gboolean is_waiting = TRUE;

  *version = 0;
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < writes->len && is_waiting; i++)
    {
      RunconfWrite *write = writes->pdata[i];

      while (!write->is_done && (is_waiting = check (write, cancellable, error)))
        g_cond_wait_until (&self->cond, &self->mutex,
                           MIN (g_get_monotonic_time () + POLL, write->deadline));
      *version = MAX (*version, write->version);
      first = first != NULL ? first : write->error;
    }
  g_mutex_unlock (&self->mutex);

  if (is_waiting && first != NULL)
    g_propagate_error (error, g_error_copy (first));

  return is_waiting && first == NULL;
}
