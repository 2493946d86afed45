/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate/gate-link.h"

#include "core/object-path.h"
#include "introspection/runconf-dbus.h"
#include "service/calls/call.h"
#include "service/calls/permit.h"

struct _RunconfdGateLink
{
  RunconfdRelay *relay;
  RunconfdAuthority *authority;
  GDBusObjectManagerServer *manager;
  RunconfdGate *gate;
  GCancellable *end; /* cancelled at the end: later questions of the gate are dropped */
};

/* A question of the gate, which goes from the thread of the relay to the main loop and back. */
typedef struct
{
  RunconfdGateLink *link;
  GCancellable *end;
  char *sender;
  char *path;
  const RunconfdMethod *method;
  guint uid;
  guint32 serial;
  gboolean may_interact;
} Question;

static void
question_free (Question *question)
{
  g_object_unref (question->end);
  g_free (question->sender);
  g_free (question->path);
  g_free (question);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

/* A connection whose user the gate asks for. */
typedef struct
{
  RunconfdGateLink *link;
  GCancellable *end;
  char *sender;
} Stranger;

static void
stranger_free (Stranger *stranger)
{
  g_object_unref (stranger->end);
  g_free (stranger->sender);
  g_free (stranger);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stranger, stranger_free)

static void
on_uid (guint uid, gpointer user_data)
{
  g_autoptr (Stranger) stranger = user_data;

  if (!g_cancellable_is_cancelled (stranger->end))
    runconfd_relay_identify (stranger->link->relay, stranger->sender, uid);
}

static gboolean
on_stranger (gpointer user_data)
{
  g_autoptr (Stranger) stranger = user_data;

  if (!g_cancellable_is_cancelled (stranger->end))
    {
      RunconfdCallers *callers = runconfd_authority_get_callers (stranger->link->authority);
      const char *sender = stranger->sender;

      runconfd_callers_ask (callers, sender, on_uid, g_steal_pointer (&stranger));
    }

  return G_SOURCE_REMOVE;
}

/* Calls of the connection itself come over the main loop too, so the question waits for nothing
 * that they don't wait for.
 */
static void
identify (const char *sender, gpointer user_data)
{
  RunconfdGateLink *self = user_data;
  Stranger *stranger = g_new0 (Stranger, 1);

  stranger->link = self;
  stranger->end = g_object_ref (self->end);
  stranger->sender = g_strdup (sender);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_stranger, stranger, NULL);
}

static void
on_permit (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  gboolean covers_all;

  if (g_cancellable_is_cancelled (question->end))
    return;

  if (runconfd_permit_check_finish (result, &covers_all, &error))
    runconfd_authority_add_permit (question->link->authority, question->sender, question->serial,
                                   covers_all);
  runconfd_relay_decide (question->link->relay, question->sender, question->serial, error);
}

static void
reply (const Question *question, const GError *error)
{
  runconfd_relay_decide (question->link->relay, question->sender, question->serial, error);
}

/* @name: of the configuration */
static void
decide (Question *taken, const char *name)
{
  g_autoptr (Question) question = taken;
  RunconfdAuthority *authority = question->link->authority;
  const RunconfdMethod *method = question->method;
  g_autoptr (GError) error = NULL;

  switch (runconfd_authority_decide (authority, question->uid, method->action))
    {
    case RUNCONFD_VERDICT_YES:
      reply (question, NULL);
      break;
    case RUNCONFD_VERDICT_ASK:
      runconfd_permit_check_async (
          authority,
          &(RunconfdPermitQuestion){
              .connection = runconfd_relay_get_connection (question->link->relay),
              .sender = question->sender,
              .uid = question->uid,
              .configuration = name,
              .method = method->name,
              .action = method->action,
              .may_interact = question->may_interact,
          },
          on_permit, question);
      g_steal_pointer (&question);
      break;
    case RUNCONFD_VERDICT_NO:
    default:
      error = runconfd_authority_make_denial (method->name, method->action, name);
      reply (question, error);
      break;
    }
}

static gboolean
on_question (gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusInterface) object = NULL;
  g_autofree char *name = NULL;

  if (g_cancellable_is_cancelled (question->end))
    return G_SOURCE_REMOVE;

  object = g_dbus_object_manager_get_interface (G_DBUS_OBJECT_MANAGER (question->link->manager),
                                                question->path, RUNCONF_INTERFACE);
  if (object == NULL)
    {
      g_set_error (&error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT,
                   "there is no configuration at the object path “%s”", question->path);
      reply (question, error);
      return G_SOURCE_REMOVE;
    }

  name = runconf_config1_dup_name (RUNCONF_CONFIG1 (object));
  decide (g_steal_pointer (&question), name);

  return G_SOURCE_REMOVE;
}

static void
ask (const RunconfdGateQuestion *asked, gpointer user_data)
{
  RunconfdGateLink *self = user_data;
  Question *question = g_new0 (Question, 1);

  question->link = self;
  question->end = g_object_ref (self->end);
  question->sender = g_strdup (asked->sender);
  question->path = g_strdup (asked->path);
  question->method = runconfd_method_find (asked->member);
  question->uid = asked->uid;
  question->serial = asked->serial;
  question->may_interact = asked->may_interact;
  g_idle_add (on_question, question);
}

static gboolean
is_trusted (guint uid, gpointer user_data)
{
  RunconfdGateLink *self = user_data;

  return runconfd_authority_is_trusted (self->authority, uid);
}

static gboolean
is_write (const char *member, gpointer user_data)
{
  const RunconfdMethod *method = runconfd_method_find (member);

  return method != NULL && method->kind == RUNCONFD_METHOD_WRITE;
}

/**
 * runconfd_gate_link_new:
 * @relay: has to outlive the link
 */
RunconfdGateLink *
runconfd_gate_link_new (RunconfdRelay *relay, RunconfdAuthority *authority,
                        GDBusObjectManagerServer *manager)
{
  RunconfdGateLink *self = g_new0 (RunconfdGateLink, 1);
  const RunconfdGateHooks hooks = { .is_trusted = is_trusted,
                                    .is_write = is_write,
                                    .identify = identify,
                                    .ask = ask,
                                    .user_data = self };

  self->relay = relay;
  self->authority = g_object_ref (authority);
  self->manager = g_object_ref (manager);
  self->end = g_cancellable_new ();
  self->gate = runconfd_gate_new (&hooks);
  runconfd_relay_set_gate (relay, self->gate);

  return self;
}

void
runconfd_gate_link_free (RunconfdGateLink *self)
{
  runconfd_relay_set_gate (self->relay, NULL);
  g_cancellable_cancel (self->end);
  runconfd_gate_free (self->gate);
  g_object_unref (self->end);
  g_object_unref (self->manager);
  g_object_unref (self->authority);
  g_free (self);
}
