/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/call.h"

#include "core/error.h"
#include "core/escape.h"
#include "core/limits.h"
#include "service/log.h"
#include "service/permit.h"
#include "service/polkit.h"
#include "service/scope.h"

static RunconfdTurns *
get_turns (RunconfdCall *call)
{
  return runconfd_callers_get_turns (runconfd_authority_get_callers (call->authority));
}

void
runconfd_call_free (RunconfdCall *call)
{
  /* runs reads of the caller, which may be the last users of the authority and the callers */
  if (call->is_write)
    runconfd_turns_end_write (get_turns (call), runconfd_call_get_sender (call));
  g_object_unref (call->configuration);
  g_object_unref (call->authority);
  g_object_unref (call->invocation);
  g_clear_pointer (&call->scope, g_ptr_array_unref);
  g_clear_pointer (&call->request, runconfd_request_free);
  g_clear_error (&call->problem);
  g_free (call);
}

/**
 * runconfd_call_get_sender:
 *
 * Returns: (transfer none) (nullable): the name of the caller on the bus; %NULL without a bus
 */
const char *
runconfd_call_get_sender (RunconfdCall *call)
{
  return g_dbus_method_invocation_get_sender (call->invocation);
}

/**
 * runconfd_call_hold:
 *
 * Lets later calls of the same caller wait until this one has been run, so that they aren't done
 * before.
 */
void
runconfd_call_hold (RunconfdCall *call)
{
  if (!call->is_held)
    runconfd_turns_hold (get_turns (call), runconfd_call_get_sender (call));
  call->is_held = TRUE;
}

/**
 * runconfd_call_is_trusted:
 *
 * Returns: whether the caller is known to be a user who may do everything
 */
gboolean
runconfd_call_is_trusted (RunconfdCall *call)
{
  return runconfd_authority_is_trusted (call->authority, call->uid);
}

/**
 * runconfd_call_get_max_values:
 *
 * The bus library makes an object of each value of an answer, and marshals all of them on the main
 * loop. So an answer has few values, unless the caller is trusted. A text is one value.
 *
 * Returns: how many values an answer to this caller may have
 */
guint
runconfd_call_get_max_values (RunconfdCall *call)
{
  return runconfd_call_is_trusted (call) ? RUNCONF_MAX_REPLY_NODES : RUNCONFD_SMALL_VALUES;
}

/**
 * runconfd_call_check_values:
 * @n_values: in the answer
 * @path: a JSON Pointer that the answer is about
 *
 * Returns: %FALSE with %RUNCONF_ERROR_TOO_LARGE if there are too many values for this caller
 */
gboolean
runconfd_call_check_values (RunconfdCall *call, gsize n_values, const char *path, GError **error)
{
  guint max_values = runconfd_call_get_max_values (call);
  g_autofree char *shown = NULL;

  if (n_values <= max_values)
    return TRUE;

  shown = runconf_escape (path, -1);
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
               "%s: %" G_GSIZE_FORMAT
               " values are too many for a reply, which has at most %u for this "
               "user: ask for a part, or use Dump or OpenSnapshot",
               *shown != '\0' ? shown : "the whole configuration", n_values, max_values);

  return FALSE;
}

/**
 * runconfd_call_may_read_secrets:
 *
 * Returns: whether it was found out that the caller may
 */
gboolean
runconfd_call_may_read_secrets (RunconfdCall *call)
{
  return call->action == RUNCONFD_ACTION_READ_SECRET && call->is_allowed;
}

/**
 * runconfd_call_concern:
 * @path: what a caller took for a JSON Pointer
 *
 * Says that a call is about a path alone.
 */
void
runconfd_call_concern (RunconfdCall *call, const char *path)
{
  g_clear_pointer (&call->scope, g_ptr_array_unref);
  call->scope = runconfd_scope_new (path);
}

/**
 * runconfd_call_concern_argument:
 *
 * Says that a call is about the path alone that is its first argument.
 */
void
runconfd_call_concern_argument (RunconfdCall *call)
{
  const char *path;

  g_variant_get_child (runconfd_call_get_parameters (call), 0, "&s", &path);
  runconfd_call_concern (call, path);
}

/**
 * runconfd_call_make_request:
 * @origin: as `ConfigChanged` tells it
 *
 * Returns: (transfer full): an empty request of the caller
 */
RunconfdRequest *
runconfd_call_make_request (RunconfdCall *call, const char *origin)
{
  return runconfd_request_new (origin, call->uid, runconfd_call_get_sender (call));
}

/**
 * runconfd_call_get_parameters:
 *
 * Returns: (transfer none): the arguments, of the types that the interface says
 */
GVariant *
runconfd_call_get_parameters (RunconfdCall *call)
{
  return g_dbus_method_invocation_get_parameters (call->invocation);
}

void
runconfd_call_return_error (RunconfdCall *call, const GError *error)
{
  g_dbus_method_invocation_return_gerror (g_object_ref (call->invocation), error);
}

/**
 * runconfd_call_return_value:
 * @value: (transfer floating): a tuple
 */
void
runconfd_call_return_value (RunconfdCall *call, GVariant *value)
{
  g_dbus_method_invocation_return_value (g_object_ref (call->invocation), value);
}

/* A configuration is large if a caller without the right could cost more than a moment with what a
 * call would change in it, or reads of it.
 */
static gboolean
is_large (RunconfdCall *call)
{
  const RunconfdRevision *tip = runconfd_configuration_get_tip (call->configuration);

  return runconf_node_get_n_nodes (tip->effective) > RUNCONFD_SMALL_VALUES;
}

static gboolean
needs_uid (RunconfdCall *call)
{
  return call->action != RUNCONFD_ACTION_READ || call->needs_uid || is_large (call);
}

static void
on_identified_late (guint uid, gpointer user_data)
{
  RunconfdCall *call = user_data;

  call->uid = uid;
  call->method->run (call);
}

static void
on_refreshed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  RunconfdCall *call = user_data;

  runconfd_configuration_refresh_finish (RUNCONFD_CONFIGURATION (object), result);

  /* the configuration may have become large */
  if (call->uid == RUNCONFD_UID_UNKNOWN && needs_uid (call))
    runconfd_callers_ask (runconfd_authority_get_callers (call->authority),
                          runconfd_call_get_sender (call), on_identified_late, call);
  else
    call->method->run (call);
}

static void
read_fresh (RunconfdCall *call)
{
  if (runconfd_configuration_is_fresh (call->configuration))
    call->method->run (call);
  else
    runconfd_configuration_refresh_async (call->configuration, on_refreshed, call);
}

/* Runs the method, and lets the next call of its caller go on behind it. */
static void
run (RunconfdCall *call)
{
  g_autoptr (RunconfdAuthority) authority = g_object_ref (call->authority);
  g_autofree char *sender = g_strdup (runconfd_call_get_sender (call));
  gboolean is_held = call->is_held;

  if (call->method->kind == RUNCONFD_METHOD_WRITE)
    call->method->run (call);
  else
    read_fresh (call);

  if (is_held)
    runconfd_turns_release (runconfd_callers_get_turns (runconfd_authority_get_callers (authority)),
                            sender);
}

static void
refuse (RunconfdCall *taken, const GError *error)
{
  g_autoptr (RunconfdCall) call = taken;

  runconfd_call_return_error (call, error);
  if (call->is_held)
    runconfd_turns_release (get_turns (call), runconfd_call_get_sender (call));
}

static void
finish (RunconfdCall *call, gboolean is_allowed, const GError *error)
{
  call->is_allowed = is_allowed;
  if (is_allowed || call->method->kind == RUNCONFD_METHOD_INQUIRE)
    run (call);
  else
    refuse (call, error);
}

static void
on_asked (GObject *object, GAsyncResult *result, gpointer user_data)
{
  RunconfdCall *call = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_allowed = runconfd_polkit_check_finish (result, NULL, &error);

  if (call->is_dialog)
    runconfd_authority_end_dialog (call->authority, call->uid);

  /* what came in since is no part of what was asked for */
  if (is_allowed && call->request != NULL)
    call->request->scope = g_ptr_array_ref (call->scope);
  finish (call, is_allowed, error);
}

static GPtrArray *
find_scope (RunconfdCall *call)
{
  if (call->request == NULL)
    return runconfd_scope_new ("");

  return runconfd_scope_new_for_request (call->request, call->problem == NULL,
                                         runconfd_configuration_get_tip (call->configuration));
}

/* Nobody is asked for a password only to be told whether they would have to give one. */
static gboolean
may_interact (RunconfdCall *call)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (call->invocation);

  return call->method->kind != RUNCONFD_METHOD_INQUIRE
         && (g_dbus_message_get_flags (message)
             & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION)
                != 0;
}

static void
ask (RunconfdCall *call)
{
  const RunconfdSettings *settings = runconfd_configuration_get_settings (call->configuration);
  g_autofree char *paths = NULL;
  g_autoptr (GError) error = NULL;

  call->is_dialog = may_interact (call);
  if (call->is_dialog && !runconfd_authority_begin_dialog (call->authority, call->uid, &error))
    {
      finish (call, FALSE, error);
      return;
    }

  if (call->scope == NULL)
    call->scope = find_scope (call);
  paths = runconfd_scope_to_json (call->scope);
  runconfd_call_hold (call);
  runconfd_polkit_check_async (
      &(RunconfdPolkitQuestion){
          .connection = g_dbus_method_invocation_get_connection (call->invocation),
          .sender = runconfd_call_get_sender (call),
          .method = call->method->name,
          .action = call->action,
          .configuration = settings->name,
          .paths = paths,
          .may_interact = call->is_dialog,
      },
      on_asked, call);
}

static void
deny (RunconfdCall *call)
{
  g_autoptr (GError) error = runconfd_authority_make_denial (
      call->method->name, call->action,
      runconfd_configuration_get_settings (call->configuration)->name);

  finish (call, FALSE, error);
}

/**
 * runconfd_call_authorise:
 * @call: (transfer full): one that is ready to be run
 *
 * Runs it if its caller has the right, or else refuses it.
 */
void
runconfd_call_authorise (RunconfdCall *call)
{
  switch (runconfd_authority_decide (call->authority, call->uid, call->action))
    {
    case RUNCONFD_VERDICT_YES:
      finish (call, TRUE, NULL);
      break;
    case RUNCONFD_VERDICT_ASK:
      if (call->request != NULL && call->problem == NULL)
        runconfd_request_check_outside (
            call->request, runconfd_configuration_get_revision (call->configuration)->ground->rules,
            &call->problem);
      if (call->covers_all)
        finish (call, TRUE, NULL);
      else
        ask (call);
      break;
    case RUNCONFD_VERDICT_NO:
    default:
      deny (call);
      break;
    }
}

static void
on_permit (GObject *object, GAsyncResult *result, gpointer user_data)
{
  RunconfdCall *call = user_data;
  g_autoptr (GError) error = NULL;

  if (!runconfd_permit_check_finish (result, &call->covers_all, &error))
    {
      refuse (call, error);
      return;
    }

  call->is_bounded = FALSE;
  call->next (call);
}

/**
 * runconfd_call_ask_permit:
 * @call: (transfer full): a write
 * @next: what to do if the caller has the right to use the method on some path
 *
 * Finds out whether a caller has the right at all, before its arguments are looked at.
 */
void
runconfd_call_ask_permit (RunconfdCall *call, RunconfdCallFunc next)
{
  call->next = next;
  runconfd_call_hold (call);
  runconfd_permit_check_async (
      call->authority,
      &(RunconfdPermitQuestion){
          .connection = g_dbus_method_invocation_get_connection (call->invocation),
          .sender = runconfd_call_get_sender (call),
          .uid = call->uid,
          .configuration = runconfd_configuration_get_settings (call->configuration)->name,
          .method = call->method->name,
          .action = call->action,
          .may_interact = may_interact (call),
      },
      on_permit, call);
}

/* Returns: whether the caller has the right at all, as far as the gate has found out */
static gboolean
take_permit (RunconfdCall *call)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (call->invocation);

  return runconfd_authority_take_permit (call->authority, runconfd_call_get_sender (call),
                                         g_dbus_message_get_serial (message), &call->covers_all);
}

/* A caller that wants no answer may leave the bus at once. */
static void
log_drop (RunconfdCall *call)
{
  static RunconfdLogLimit limit;
  guint n_omitted;

  if (runconfd_log_is_due (&limit, &n_omitted))
    runconfd_log (LOG_NOTICE, runconfd_configuration_get_settings (call->configuration)->name, 0,
                  NULL,
                  "%s isn't done: its caller was gone from the bus before the bus could say whose "
                  "call it is; a caller has to wait for the answer (%u more such calls before)",
                  call->method->name, n_omitted);
}

static void
on_identified (guint uid, gpointer user_data)
{
  RunconfdCall *call = user_data;

  RunconfdVerdict verdict = runconfd_authority_decide (call->authority, uid, call->action);

  if (call->method->kind == RUNCONFD_METHOD_WRITE)
    {
      call->is_write = TRUE;
      runconfd_turns_begin_write (get_turns (call), runconfd_call_get_sender (call));
    }

  if (uid == RUNCONFD_UID_UNKNOWN && call->method->kind == RUNCONFD_METHOD_WRITE)
    log_drop (call);

  call->uid = uid;
  call->is_bounded = verdict == RUNCONFD_VERDICT_ASK && !take_permit (call);
  if (call->method->prepare == NULL || verdict == RUNCONFD_VERDICT_NO)
    runconfd_call_authorise (call);
  else if (call->is_bounded && is_large (call))
    runconfd_call_ask_permit (call, call->method->prepare);
  else
    call->method->prepare (call);
}

/* Finds out the user of the call. Later calls of the same caller wait, so that they don't overtake. */
static void
identify (gpointer user_data)
{
  RunconfdCall *call = user_data;
  RunconfdCallers *callers = runconfd_authority_get_callers (call->authority);
  guint uid;

  if (runconfd_callers_find (callers, runconfd_call_get_sender (call), &uid) || !needs_uid (call))
    {
      on_identified (uid, call);
      return;
    }

  runconfd_call_hold (call);
  runconfd_callers_ask (callers, runconfd_call_get_sender (call), on_identified, call);
}

/**
 * runconfd_call_start:
 * @invocation: (transfer full): a call of a method that runconfd_method_find() knows
 *
 * Finds out who called where that matters, and whether they may, reads changed files again where the
 * call reads, and runs the method.
 */
void
runconfd_call_start (RunconfdConfiguration *configuration, RunconfdAuthority *authority,
                     GDBusMethodInvocation *invocation)
{
  RunconfdCall *call = g_new0 (RunconfdCall, 1);

  call->configuration = g_object_ref (configuration);
  call->authority = g_object_ref (authority);
  call->invocation = invocation;
  call->uid = RUNCONFD_UID_UNKNOWN;
  call->method = runconfd_method_find (g_dbus_method_invocation_get_method_name (invocation));
  call->action = call->method->action;
  if (call->method->concern != NULL)
    call->method->concern (call);

  runconfd_turns_take (get_turns (call), runconfd_call_get_sender (call),
                       call->method->kind != RUNCONFD_METHOD_WRITE, identify, call);
}
