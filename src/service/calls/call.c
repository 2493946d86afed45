/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/calls/call.h"

#include "core/error.h"
#include "service/authority/polkit.h"
#include "service/base/log.h"
#include "service/calls/permit.h"
#include "service/change/scope.h"

/* A call goes through four steps, each of which may end later:
 *
 * identify ()   waits for the turn of the call and finds out the user of its caller
 * prepare ()    makes a request of the arguments of a write
 * authorise ()  finds out whether the caller has the right, by asking polkit where needed
 * run ()        runs the method; or refuse () replies with an error
 *
 * Arguments that could cost much are looked at only after ask_permit () found that the caller has the
 * right to use the method at all.
 *
 * The error of wrong arguments is kept in `problem`, since it may say something about the configuration
 * to a caller without the right: finish () alone replies with it, once the right is known.
 */
typedef struct
{
  RunconfdCall call; /* the part that methods see */
  const RunconfdMethod *method;
  RunconfdConcern concern;
  RunconfdVerdict verdict;
  RunconfdRequest *request; /* of a write with arguments */
  GError *problem;          /* of the arguments */
  GPtrArray *scope;         /* the paths for which polkit was asked, or NULL */

  gboolean is_held;    /* later calls of the same caller wait */
  gboolean is_write;   /* later reads of the same caller wait for the reply */
  gboolean is_dialog;  /* polkit may be showing a dialog */
  gboolean is_bounded; /* it isn't known whether the caller has the right at all: the arguments may
                          cost little */
  gboolean covers_all; /* the caller has the right for all paths */
} Course;

static RunconfdCallers *
get_callers (Course *self)
{
  return runconfd_authority_get_callers (self->call.authority);
}

static RunconfdTurns *
get_turns (Course *self)
{
  return runconfd_callers_get_turns (get_callers (self));
}

static const char *
get_sender (Course *self)
{
  return runconfd_call_get_sender (&self->call);
}

static const char *
get_name (Course *self)
{
  return runconfd_configuration_get_settings (self->call.configuration)->name;
}

void
runconfd_call_free (RunconfdCall *call)
{
  Course *self = (Course *) call;

  /* runs reads of the caller, which may be the last users of the authority */
  if (self->is_write)
    runconfd_turns_end_write (get_turns (self), get_sender (self));
  g_object_unref (self->call.configuration);
  g_object_unref (self->call.authority);
  g_object_unref (self->call.invocation);
  g_free (self->concern.path);
  g_clear_pointer (&self->request, runconfd_request_free);
  g_clear_pointer (&self->scope, g_ptr_array_unref);
  g_clear_error (&self->problem);
  g_free (self);
}

/**
 * runconfd_call_take_request:
 *
 * Returns: (transfer full): the request that was made of the arguments, for `run` of a method
 */
RunconfdRequest *
runconfd_call_take_request (RunconfdCall *call)
{
  return g_steal_pointer (&((Course *) call)->request);
}

/* A configuration is large if comparing arguments with it, or replying with it, would take the main
 * loop more time than a caller without a right may take.
 */
static gboolean
is_large (Course *self)
{
  const RunconfRevision *tip = runconfd_configuration_get_tip (self->call.configuration);

  return runconf_node_get_n_nodes (tip->effective) > RUNCONFD_SMALL_VALUES;
}

static gboolean
needs_uid (Course *self)
{
  return self->call.action != RUNCONFD_ACTION_READ || self->concern.needs_uid || is_large (self);
}

/* Lets later calls of the same caller wait until this one has been run, so that they don't overtake
 * it.
 */
static void
hold (Course *self)
{
  if (!self->is_held)
    runconfd_turns_hold (get_turns (self), get_sender (self));
  self->is_held = TRUE;
}

/* Step 4: run */

static void
on_identified_late (guint uid, gpointer user_data)
{
  Course *self = user_data;

  self->call.uid = uid;
  self->method->run (&self->call);
}

static void
on_refreshed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Course *self = user_data;

  runconfd_configuration_refresh_finish (RUNCONFD_CONFIGURATION (object), result);

  /* the configuration may have become large */
  if (self->call.uid == RUNCONFD_UID_UNKNOWN && needs_uid (self))
    runconfd_callers_ask (get_callers (self), get_sender (self), on_identified_late, self);
  else
    self->method->run (&self->call);
}

static void
run_fresh (Course *self)
{
  if (self->method->kind == RUNCONFD_METHOD_WRITE
      || runconfd_configuration_is_fresh (self->call.configuration))
    self->method->run (&self->call);
  else
    runconfd_configuration_refresh_async (self->call.configuration, on_refreshed, self);
}

/* Runs the method, and lets the next call of its caller run behind it. */
static void
run (Course *self)
{
  g_autoptr (RunconfdCallers) callers = g_object_ref (get_callers (self));
  g_autofree char *sender = g_strdup (get_sender (self));
  gboolean is_held = self->is_held;

  run_fresh (self);
  if (is_held)
    runconfd_turns_release (runconfd_callers_get_turns (callers), sender);
}

static void
refuse (Course *self, const GError *error)
{
  g_autoptr (RunconfdCall) call = &self->call;

  runconfd_call_return_error (&self->call, error);
  if (self->is_held)
    runconfd_turns_release (get_turns (self), get_sender (self));
}

/* The right is known: the one place that replies with the problem of the arguments. */
static void
finish (Course *self, gboolean is_allowed, const GError *error)
{
  self->call.is_allowed = is_allowed;
  if (!is_allowed && self->method->kind != RUNCONFD_METHOD_INQUIRE)
    refuse (self, error);
  else if (self->problem != NULL)
    refuse (self, self->problem);
  else
    run (self);
}

/* Step 3: authorise */

static void
on_asked (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Course *self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_allowed = runconfd_polkit_check_finish (result, NULL, &error);

  if (self->is_dialog)
    runconfd_authority_end_dialog (self->call.authority, self->call.uid);

  /* the configuration may have changed since polkit was asked for these paths */
  if (is_allowed && self->request != NULL)
    self->request->scope = g_ptr_array_ref (self->scope);
  finish (self, is_allowed, error);
}

static GPtrArray *
find_scope (Course *self)
{
  GPtrArray *scope = NULL;

  if (self->concern.path != NULL)
    return runconfd_scope_new (self->concern.path);

  if (self->method->find_scope != NULL)
    scope = self->method->find_scope (&self->call);
  else if (self->request != NULL && self->problem == NULL)
    scope = runconfd_scope_new_for_request (
        self->request, runconfd_configuration_get_tip (self->call.configuration));

  return scope != NULL ? scope : runconfd_scope_new ("");
}

/* A call that only reports whether the caller has a right shows no dialog. */
static gboolean
may_interact (Course *self)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (self->call.invocation);

  return self->method->kind != RUNCONFD_METHOD_INQUIRE
         && (g_dbus_message_get_flags (message)
             & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION)
                != 0;
}

static void
ask (Course *self)
{
  g_autofree char *paths = NULL;
  g_autoptr (GError) error = NULL;

  self->is_dialog = may_interact (self);
  if (self->is_dialog
      && !runconfd_authority_begin_dialog (self->call.authority, self->call.uid, &error))
    {
      finish (self, FALSE, error);
      return;
    }

  self->scope = find_scope (self);
  paths = runconfd_scope_to_json (self->scope);
  hold (self);
  runconfd_polkit_check_async (
      &(RunconfdPolkitQuestion){
          .connection = g_dbus_method_invocation_get_connection (self->call.invocation),
          .sender = get_sender (self),
          .method = self->method->name,
          .action = self->call.action,
          .configuration = get_name (self),
          .paths = paths,
          .may_interact = self->is_dialog,
      },
      on_asked, self);
}

static void
deny (Course *self)
{
  g_autoptr (GError) error
      = runconfd_authority_make_denial (self->method->name, self->call.action, get_name (self));

  finish (self, FALSE, error);
}

static void
authorise (Course *self)
{
  switch (self->verdict)
    {
    case RUNCONFD_VERDICT_YES:
      finish (self, TRUE, NULL);
      break;
    case RUNCONFD_VERDICT_ASK:
      if (self->request != NULL)
        runconfd_request_check_outside (
            self->request,
            runconfd_configuration_get_revision (self->call.configuration)->ground->rules,
            &self->problem);
      if (self->covers_all)
        finish (self, TRUE, NULL);
      else
        ask (self);
      break;
    case RUNCONFD_VERDICT_NO:
    default:
      deny (self);
      break;
    }
}

/* Step 2: prepare */

static void ask_permit (Course *self);

static void
on_prepared (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Course *self = user_data;

  self->request = g_task_propagate_pointer (G_TASK (result), &self->problem);

  /* arguments over the budget are prepared again if the caller has the right at all */
  if (self->is_bounded && g_error_matches (self->problem, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE))
    {
      g_clear_error (&self->problem);
      ask_permit (self);
      return;
    }

  authorise (self);
}

static void
prepare (Course *self)
{
  if (self->method->prepare_async != NULL)
    {
      hold (self);
      self->method->prepare_async (&self->call, self->is_bounded ? RUNCONFD_SMALL_VALUES : 0,
                                   on_prepared, self);
      return;
    }

  if (self->method->prepare != NULL)
    self->request = self->method->prepare (&self->call, &self->problem);
  authorise (self);
}

static void
on_permit (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Course *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!runconfd_permit_check_finish (result, &self->covers_all, &error))
    {
      refuse (self, error);
      return;
    }

  self->is_bounded = FALSE;
  prepare (self);
}

/* Finds out whether the caller has the right at all, before the arguments are looked at. */
static void
ask_permit (Course *self)
{
  hold (self);
  runconfd_permit_check_async (
      self->call.authority,
      &(RunconfdPermitQuestion){
          .connection = g_dbus_method_invocation_get_connection (self->call.invocation),
          .sender = get_sender (self),
          .uid = self->call.uid,
          .configuration = get_name (self),
          .method = self->method->name,
          .action = self->call.action,
          .may_interact = may_interact (self),
      },
      on_permit, self);
}

/* Returns: whether the gate has found out that the caller has the right at all */
static gboolean
take_permit (Course *self)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (self->call.invocation);

  return runconfd_authority_take_permit (self->call.authority, get_sender (self),
                                         g_dbus_message_get_serial (message), &self->covers_all);
}

/* Returns: whether arguments are compared with the configuration */
static gboolean
has_arguments (const RunconfdMethod *method)
{
  return method->prepare != NULL || method->prepare_async != NULL || method->find_scope != NULL;
}

/* Step 1: identify */

/* A caller that wants no reply may leave the bus at once. */
static void
log_drop (Course *self)
{
  static RunconfdLogLimit limit;
  guint n_omitted;

  if (runconfd_log_is_due (&limit, &n_omitted))
    runconfd_log (LOG_NOTICE, get_name (self), 0, NULL,
                  "%s was dropped: its caller left the bus before the bus reported the user of the "
                  "caller; a caller has to wait for the reply (%u more such calls before)",
                  self->method->name, n_omitted);
}

static void
begin_write (Course *self)
{
  self->is_write = TRUE;
  runconfd_turns_begin_write (get_turns (self), get_sender (self));
  if (self->call.uid == RUNCONFD_UID_UNKNOWN)
    log_drop (self);
}

static void
on_identified (guint uid, gpointer user_data)
{
  Course *self = user_data;

  self->call.uid = uid;
  self->verdict = runconfd_authority_decide (self->call.authority, uid, self->call.action);
  if (self->method->kind == RUNCONFD_METHOD_WRITE)
    begin_write (self);

  self->is_bounded = self->verdict == RUNCONFD_VERDICT_ASK && !take_permit (self);
  if (self->verdict == RUNCONFD_VERDICT_NO)
    authorise (self);
  else if (self->is_bounded && has_arguments (self->method) && is_large (self))
    ask_permit (self);
  else
    prepare (self);
}

static void
identify (gpointer user_data)
{
  Course *self = user_data;
  guint uid;

  if (runconfd_callers_find (get_callers (self), get_sender (self), &uid) || !needs_uid (self))
    {
      on_identified (uid, self);
      return;
    }

  hold (self);
  runconfd_callers_ask (get_callers (self), get_sender (self), on_identified, self);
}

/**
 * runconfd_call_start:
 * @invocation: (transfer full): a call of a method that runconfd_method_find() knows
 *
 * Runs a method and replies, or refuses the call, when it is the turn of the call.
 */
void
runconfd_call_start (RunconfdConfiguration *configuration, RunconfdAuthority *authority,
                     GDBusMethodInvocation *invocation)
{
  Course *self = g_new0 (Course, 1);

  self->call.configuration = g_object_ref (configuration);
  self->call.authority = g_object_ref (authority);
  self->call.invocation = invocation;
  self->call.uid = RUNCONFD_UID_UNKNOWN;
  self->method = runconfd_method_find (g_dbus_method_invocation_get_method_name (invocation));
  self->concern.action = self->method->action;
  if (self->method->find_concern != NULL)
    self->method->find_concern (&self->call, &self->concern);
  self->call.action = self->concern.action;

  runconfd_turns_take (get_turns (self), get_sender (self),
                       self->method->kind != RUNCONFD_METHOD_WRITE, identify, self);
}
