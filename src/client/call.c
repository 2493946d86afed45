/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/call.h"

#include <runconf/error.h>

#include "client/base.h"
#include "client/bus.h"
#include "client/configuration-link.h"
#include "client/configuration-private.h"
#include "client/form.h"
#include "client/memory.h"
#include "client/remote-error.h"
#include "client/usable.h"
#include "core/limits.h"
#include "core/object-path.h"

/* Calls of methods of the service, asynchronous and synchronous. A call ends when reads in this
 * process return at least the version in its reply.
 */

/* The greatest growth from a #GVariant to a message: an empty string has two bytes or more in a
 * #GVariant, and eight on the bus.
 */
#define MAX_GROWTH 4

typedef struct
{
  const char *name;
  const char *reply_type;
  gboolean is_write;
} MethodInfo;

static const MethodInfo methods[] = {
  [RUNCONF_METHOD_GET] = { "Get", "(v)" },
  [RUNCONF_METHOD_SET] = { "Set", "(t)", TRUE },
  [RUNCONF_METHOD_RESET] = { "Reset", "(t)", TRUE },
  [RUNCONF_METHOD_MERGE] = { "Merge", "(tas)", TRUE },
  [RUNCONF_METHOD_MERGE_TEXT] = { "MergeText", "(tas)", TRUE },
  [RUNCONF_METHOD_SAVE] = { "Save", "(tas)", TRUE },
  [RUNCONF_METHOD_APPLY] = { "Apply", "(tas)", TRUE },
  [RUNCONF_METHOD_REPLACE_TEXT] = { "ReplaceText", "(tas)", TRUE },
  [RUNCONF_METHOD_REVERT] = { "Revert", "(tas)", TRUE },
  [RUNCONF_METHOD_CONFIRM] = { "Confirm", "()", TRUE },
  [RUNCONF_METHOD_RELOAD] = { "Reload", "(b)" },
  [RUNCONF_METHOD_DESCRIBE] = { "Describe", "(a{sv})" },
  [RUNCONF_METHOD_EXPLAIN] = { "Explain", "(aa{sv})" },
  [RUNCONF_METHOD_DUMP] = { "Dump", "(s)" },
  [RUNCONF_METHOD_HISTORY] = { "History", "(aa{sv})" },
  [RUNCONF_METHOD_DIFF] = { "Diff", "(a(svv))" },
};

static const MethodInfo get_property = { "Get", "(v)" };

/* in ms; -1 is the default of GDBus, 25 s */
static int timeout = -1;

typedef struct
{
  const MethodInfo *method;
  GVariant *arguments; /* %NULL if the method writes */
  RunconfWrite *write; /* borrowed; %NULL if the method doesn't write */
  RunconfWait *wait;
  GVariant *reply;
  GError *error; /* of a configuration in memory */
  guint64 version;
} Call;

static void
call_free (Call *self)
{
  g_clear_pointer (&self->arguments, g_variant_unref);
  g_clear_pointer (&self->reply, g_variant_unref);
  g_clear_error (&self->error);
  g_free (self);
}

static RunconfMethod
get_method (const MethodInfo *info)
{
  return (RunconfMethod) (info - methods);
}

/* Returns: whether the reply contains the version of the write */
static gboolean
read_version (GVariant *reply, guint64 *version)
{
  if (reply == NULL || !g_str_has_prefix (g_variant_get_type_string (reply), "(t"))
    return FALSE;

  g_variant_get_child (reply, 0, "t", version);

  return TRUE;
}

/* Reload is the only call that changes the configuration and doesn't return the version. */
static gboolean
leaves_version_open (const MethodInfo *method, GVariant *reply)
{
  gboolean changed;

  if (method != &methods[RUNCONF_METHOD_RELOAD])
    return FALSE;

  g_variant_get (reply, "(b)", &changed);

  return changed;
}

static GVariant *
make_version_arguments (void)
{
  return g_variant_new ("(ss)", RUNCONF_INTERFACE, "Version");
}

static gboolean
read_version_property (GVariant *reply, guint64 *version)
{
  g_autoptr (GVariant) value = NULL;

  g_variant_get (reply, "(v)", &value);
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    return FALSE;

  *version = g_variant_get_uint64 (value);

  return TRUE;
}

/* The bus closes the connection of a program that sends a message over its limit. So a message that
 * may be too large is serialised once to check its size.
 */
static gboolean
check_size (RunconfConfiguration *configuration, const MethodInfo *method, GVariant *arguments,
            GError **error)
{
  g_autoptr (GDBusMessage) message = NULL;
  g_autofree guchar *blob = NULL;
  gsize size = 0;

  if (g_variant_get_size (arguments) <= RUNCONF_MAX_REPLY_BYTES / MAX_GROWTH)
    return TRUE;

  message = g_dbus_message_new_method_call (RUNCONF_BUS_NAME,
                                            runconf_configuration_get_object_path (configuration),
                                            RUNCONF_INTERFACE, method->name);
  g_dbus_message_set_serial (message, 1);
  g_dbus_message_set_body (message, arguments);
  blob = g_dbus_message_to_blob (message, &size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  if (blob != NULL && size <= RUNCONF_MAX_REPLY_BYTES)
    return TRUE;

  g_set_error (
      error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
      "%s: the value doesn't fit in a message of the bus, which holds %d bytes: write it in parts",
      method->name, RUNCONF_MAX_REPLY_BYTES);

  return FALSE;
}

/* Returns: (nullable): %NULL for an object that is used for calls only, which doesn't notice stalls */
static RunconfWait *
begin_wait (RunconfConfiguration *configuration)
{
  RunconfReceiver *receiver = runconf_configuration_get_receiver (configuration);

  return receiver != NULL ? runconf_stall_begin (runconf_receiver_get_stall (receiver)) : NULL;
}

/* @wait: (transfer full) (nullable) */
static void
end_wait (RunconfConfiguration *configuration, RunconfWait *wait)
{
  RunconfReceiver *receiver = runconf_configuration_get_receiver (configuration);

  if (wait != NULL)
    runconf_stall_end (runconf_receiver_get_stall (receiver), wait);
}

/* Completes the task with the reply as soon as reads return its version. */
static void
settle (GTask *task)
{
  Call *call = g_task_get_task_data (task);
  RunconfConfiguration *configuration = g_task_get_source_object (task);
  GError *error = NULL;

  if (runconf_configuration_catch_up (configuration, call->version, g_task_get_cancellable (task),
                                      &error))
    g_task_return_pointer (task, g_steal_pointer (&call->reply), (GDestroyNotify) g_variant_unref);
  else
    g_task_return_error (task, error);
}

static void
run_settle (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  settle (task);
}

/* Settles in this thread if that doesn't have to wait, and else in another thread. */
static void
settle_somewhere (GTask *task)
{
  Call *call = g_task_get_task_data (task);

  if (runconf_configuration_is_caught_up (g_task_get_source_object (task), call->version))
    settle (task);
  else
    g_task_run_in_thread (task, run_settle);
}

static void
on_version_read (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, NULL);

  if (reply != NULL && read_version_property (reply, &call->version))
    settle_somewhere (task);
  else
    g_task_return_pointer (task, g_steal_pointer (&call->reply), (GDestroyNotify) g_variant_unref);
}

static void
on_reply (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  RunconfConfiguration *configuration = g_task_get_source_object (task);
  GError *error = NULL;

  call->reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &error);
  end_wait (configuration, g_steal_pointer (&call->wait));
  if (call->reply == NULL)
    runconf_error_take_remote (error, call->method->is_write);
  if (call->write != NULL)
    runconf_pending_end (runconf_configuration_get_pending (configuration), call->write, error);
  if (call->reply == NULL)
    {
      g_task_return_error (task, error);
    }
  else if (!runconf_form_check_reply (get_method (call->method), call->reply, &error))
    {
      g_task_return_error (task, error);
    }
  else if (read_version (call->reply, &call->version))
    {
      settle_somewhere (task);
    }
  else if (leaves_version_open (call->method, call->reply))
    {
      g_dbus_connection_call (
          G_DBUS_CONNECTION (object), runconf_bus_get_destination (G_DBUS_CONNECTION (object)),
          runconf_configuration_get_object_path (configuration), "org.freedesktop.DBus.Properties",
          "Get", make_version_arguments (), G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, timeout,
          g_task_get_cancellable (task), on_version_read, g_object_ref (task));
    }
  else
    {
      g_task_return_pointer (task, g_steal_pointer (&call->reply),
                             (GDestroyNotify) g_variant_unref);
    }
}

static GDBusCallFlags
get_flags (RunconfConfiguration *configuration)
{
  return runconf_configuration_get_interactive (configuration)
             ? G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION
             : G_DBUS_CALL_FLAGS_NONE;
}

/* There is no limit for the time that a user needs to enter a password. */
static int
get_timeout (RunconfConfiguration *configuration)
{
  return runconf_configuration_get_interactive (configuration) ? G_MAXINT : timeout;
}

static gboolean
is_write (RunconfMethod method)
{
  return method >= RUNCONF_METHOD_SET && method <= RUNCONF_METHOD_CONFIRM;
}

static void
send (GTask *task, GDBusConnection *connection, GVariant *arguments)
{
  Call *call = g_task_get_task_data (task);
  RunconfConfiguration *configuration = g_task_get_source_object (task);

  call->wait = begin_wait (configuration);
  g_dbus_connection_call (connection, runconf_bus_get_destination (connection),
                          runconf_configuration_get_object_path (configuration), RUNCONF_INTERFACE,
                          call->method->name, arguments, G_VARIANT_TYPE (call->method->reply_type),
                          get_flags (configuration), get_timeout (configuration),
                          g_task_get_cancellable (task), on_reply, g_object_ref (task));
}

static void
send_write (GTask *task, GDBusConnection *connection, GVariant *arguments)
{
  Call *call = g_task_get_task_data (task);
  RunconfConfiguration *configuration = g_task_get_source_object (task);
  RunconfPending *pending = runconf_configuration_get_pending (configuration);

  /* the callback may run in another thread as soon as the call is sent */
  call->write = runconf_pending_lock (pending, connection, get_timeout (configuration));
  send (task, connection, arguments);
  runconf_pending_unlock (pending, call->write, connection);
}

/* Returns: (nullable): the memory that answers calls in place of the service */
static RunconfMemory *
get_memory (RunconfConfiguration *configuration)
{
  RunconfLink *link = runconf_configuration_get_link (configuration);

  return link != NULL ? link->memory : NULL;
}

static GVariant *
call_memory (RunconfMemory *memory, RunconfMethod method, GVariant *arguments,
             GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  return runconf_memory_call (memory, method, arguments, error);
}

static gboolean
on_answered (gpointer user_data)
{
  GTask *task = user_data;
  Call *call = g_task_get_task_data (task);
  RunconfConfiguration *configuration = g_task_get_source_object (task);

  if (call->write != NULL)
    runconf_pending_end (runconf_configuration_get_pending (configuration), call->write,
                         call->error);
  if (call->reply == NULL)
    g_task_return_error (task, g_steal_pointer (&call->error));
  else
    g_task_return_pointer (task, g_steal_pointer (&call->reply), (GDestroyNotify) g_variant_unref);

  return G_SOURCE_REMOVE;
}

/* The callback runs later, as for a call of the service. */
static void
send_to_memory (GTask *task, RunconfMemory *memory, RunconfMethod method, GVariant *arguments)
{
  Call *call = g_task_get_task_data (task);
  RunconfConfiguration *configuration = g_task_get_source_object (task);
  g_autoptr (GSource) source = g_idle_source_new ();

  call->reply
      = call_memory (memory, method, arguments, g_task_get_cancellable (task), &call->error);
  if (is_write (method))
    call->write
        = runconf_pending_add_done (runconf_configuration_get_pending (configuration), call->error);
  g_task_attach_source (task, source, on_answered);
}

static void
on_whole_called (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  const RunconfConfigurationLink *peek
      = runconf_configuration_peek (g_task_get_source_object (task));
  GError *error = NULL;
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), &error);

  if (reply == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, runconf_base_unwrap (peek->base, get_method (call->method), reply),
                           (GDestroyNotify) g_variant_unref);
}

/* A call of a part is a call of the whole with other paths. */
static void
call_whole (GTask *task, RunconfMethod method, GVariant *arguments)
{
  const RunconfConfigurationLink *peek
      = runconf_configuration_peek (g_task_get_source_object (task));
  GError *refusal = NULL;
  g_autoptr (GVariant) wrapped = runconf_base_wrap (peek->base, &method, arguments, &refusal);

  runconf_call_start (peek->whole, method, wrapped, refusal, g_task_get_cancellable (task),
                      on_whole_called, g_object_ref (task));
}

/**
 * runconf_call_start:
 * @arguments: (transfer floating) (nullable): the arguments as a tuple, or %NULL with @refusal
 * @refusal: (transfer full) (nullable): the reason why nothing is sent
 *
 * Calls a method. Before @callback is called, reads in this process return the changes that the
 * reply reports.
 */
void
runconf_call_start (RunconfConfiguration *configuration, RunconfMethod method, GVariant *arguments,
                    GError *refusal, GCancellable *cancellable, GAsyncReadyCallback callback,
                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (configuration, cancellable, callback, user_data);
  g_autoptr (GVariant) owned = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  g_autoptr (GDBusConnection) connection = runconf_configuration_dup_connection (configuration);
  Call *call = g_new0 (Call, 1);
  RunconfMemory *memory;

  call->method = &methods[method];
  g_task_set_source_tag (task, (gpointer) call->method);
  g_task_set_name (task, call->method->name);
  g_task_set_task_data (task, call, (GDestroyNotify) call_free);

  if (owned != NULL && !is_write (method))
    call->arguments = g_variant_ref (owned);
  if (owned != NULL && runconf_configuration_peek (configuration)->whole != NULL)
    {
      call_whole (task, method, owned);
      return;
    }

  if (owned == NULL || !runconf_configuration_check_callable (configuration, &refusal)
      || !check_size (configuration, call->method, owned, &refusal))
    {
      g_task_return_error (task, refusal);
      return;
    }

  memory = get_memory (configuration);
  if (memory != NULL)
    send_to_memory (task, memory, method, owned);
  else if (is_write (method))
    send_write (task, connection, owned);
  else
    send (task, connection, owned);
}

/**
 * runconf_call_finish:
 *
 * Returns: (transfer full) (nullable): the reply, of the reply type of the method
 */
GVariant *
runconf_call_finish (RunconfConfiguration *configuration, RunconfMethod method,
                     GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, configuration), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, (gpointer) &methods[method]), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * runconf_call_is_of:
 *
 * Returns: whether @result is that of a call of the method
 */
gboolean
runconf_call_is_of (GAsyncResult *result, RunconfMethod method)
{
  return g_async_result_is_tagged (result, (gpointer) &methods[method]);
}

/**
 * runconf_call_get_arguments:
 * @result: the result of a call that has succeeded and doesn't write
 *
 * Returns: (transfer none): the arguments of the call
 */
GVariant *
runconf_call_get_arguments (GAsyncResult *result)
{
  Call *call = g_task_get_task_data (G_TASK (result));

  return call->arguments;
}

static GVariant *
call_sync (RunconfConfiguration *configuration, const char *interface, const MethodInfo *method,
           GVariant *arguments, GCancellable *cancellable, GError **error)
{
  g_autoptr (GDBusConnection) connection = runconf_configuration_dup_connection (configuration);
  RunconfWait *wait = begin_wait (configuration);
  GError *failure = NULL;
  GVariant *reply = g_dbus_connection_call_sync (
      connection, runconf_bus_get_destination (connection),
      runconf_configuration_get_object_path (configuration), interface, method->name, arguments,
      G_VARIANT_TYPE (method->reply_type), get_flags (configuration), get_timeout (configuration),
      cancellable, &failure);

  end_wait (configuration, wait);
  if (reply == NULL)
    {
      runconf_error_take_remote (failure, method->is_write);
      g_propagate_error (error, failure);
    }

  return reply;
}

/* Returns: whether there is a version to catch up with */
static gboolean
find_version (RunconfConfiguration *configuration, const MethodInfo *method, GVariant *reply,
              GCancellable *cancellable, guint64 *version)
{
  g_autoptr (GVariant) value = NULL;

  if (!leaves_version_open (method, reply))
    return read_version (reply, version);

  value = call_sync (configuration, "org.freedesktop.DBus.Properties", &get_property,
                     make_version_arguments (), cancellable, NULL);

  return value != NULL && read_version_property (value, version);
}

static GVariant *
run_whole (const RunconfConfigurationLink *peek, RunconfMethod method, GVariant *arguments,
           GCancellable *cancellable, GError **error)
{
  RunconfMethod wrapped_method = method;
  GError *refusal = NULL;
  g_autoptr (GVariant) wrapped
      = runconf_base_wrap (peek->base, &wrapped_method, arguments, &refusal);
  g_autoptr (GVariant) reply
      = runconf_call_run (peek->whole, wrapped_method, wrapped, refusal, cancellable, error);

  return reply != NULL ? runconf_base_unwrap (peek->base, method, reply) : NULL;
}

/**
 * runconf_call_run:
 * @arguments: (transfer floating) (nullable): the arguments as a tuple, or %NULL with @refusal
 * @refusal: (transfer full) (nullable): the reason why nothing is sent
 *
 * Calls a method like runconf_call_start(), and waits for the reply.
 *
 * Returns: (transfer full) (nullable): the reply, of the reply type of the method
 */
GVariant *
runconf_call_run (RunconfConfiguration *configuration, RunconfMethod method, GVariant *arguments,
                  GError *refusal, GCancellable *cancellable, GError **error)
{
  const MethodInfo *info = &methods[method];
  g_autoptr (GVariant) owned = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  g_autoptr (GVariant) reply = NULL;
  RunconfMemory *memory;
  guint64 version;

  if (owned != NULL && runconf_configuration_peek (configuration)->whole != NULL)
    return run_whole (runconf_configuration_peek (configuration), method, owned, cancellable,
                      error);

  if (owned == NULL || !runconf_configuration_check_callable (configuration, &refusal)
      || !check_size (configuration, info, owned, &refusal))
    {
      g_propagate_error (error, refusal);
      return NULL;
    }

  memory = get_memory (configuration);
  if (memory != NULL)
    return call_memory (memory, method, owned, cancellable, error);

  reply = call_sync (configuration, RUNCONF_INTERFACE, info, owned, cancellable, error);
  if (reply == NULL || !runconf_form_check_reply (method, reply, error))
    return NULL;

  if (find_version (configuration, info, reply, cancellable, &version)
      && !runconf_configuration_catch_up (configuration, version, cancellable, error))
    return NULL;

  return g_steal_pointer (&reply);
}

/**
 * runconf_call_set_timeout:
 * @milliseconds: the time that a call waits for its reply; -1 is the default of GDBus, 25 s
 *
 * Lets tests use a shorter time limit.
 */
void
runconf_call_set_timeout (int milliseconds)
{
  timeout = milliseconds;
}
