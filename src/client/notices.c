/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/notices.h"

struct _RunconfNotices
{
  gint ref_count; /* atomic */
  GMainContext *context;
  GWeakRef object;
  int is_started; /* atomic */
  guint due;      /* atomic: the pending notices; adding the first schedules on_due() */
};

/**
 * runconf_notices_new:
 * @object: the object with the properties
 *
 * Returns: (transfer full): notices for the current thread-default main context
 */
RunconfNotices *
runconf_notices_new (GObject *object)
{
  RunconfNotices *self = g_new0 (RunconfNotices, 1);

  self->ref_count = 1;
  self->context = g_main_context_ref_thread_default ();
  g_weak_ref_init (&self->object, object);

  return self;
}

RunconfNotices *
runconf_notices_ref (RunconfNotices *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
runconf_notices_unref (RunconfNotices *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_main_context_unref (self->context);
  g_weak_ref_clear (&self->object);
  g_free (self);
}

/**
 * runconf_notices_get_context:
 *
 * Returns: (transfer none): the main context in which the object was made
 */
GMainContext *
runconf_notices_get_context (RunconfNotices *self)
{
  return self->context;
}

/* Other rules may lock a path or unlock it, and a service that comes back may have other rules. */
static gboolean
may_change_rights (GObject *object, guint due)
{
  const guint all = RUNCONF_NOTICE_RULES | RUNCONF_NOTICE_LOCKS | RUNCONF_NOTICE_CONNECTED;
  gboolean is_connected = FALSE;

  if ((due & all) != 0)
    g_object_get (object, "connected", &is_connected, NULL);

  return is_connected;
}

static gboolean
on_due (gpointer user_data)
{
  static const struct
  {
    RunconfNotice notice;
    const char *property;
  } table[] = {
    { RUNCONF_NOTICE_VERSION, "version" },
    { RUNCONF_NOTICE_METADATA, "metadata" },
    { RUNCONF_NOTICE_CONNECTED, "connected" },
    { RUNCONF_NOTICE_STATE, "state" },
    { RUNCONF_NOTICE_STATE_MESSAGE, "state-message" },
    { RUNCONF_NOTICE_RULES, "rules-revision" },
    { RUNCONF_NOTICE_SHARED, "shared" },
    { RUNCONF_NOTICE_LOCKS, "locks" },
  };
  RunconfNotices *self = user_data;
  guint due = __atomic_exchange_n (&self->due, 0, __ATOMIC_ACQ_REL);
  g_autoptr (GObject) object = g_weak_ref_get (&self->object);

  if (object == NULL)
    return G_SOURCE_REMOVE;

  g_object_freeze_notify (object);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if ((due & table[i].notice) != 0)
      g_object_notify (object, table[i].property);
  g_object_thaw_notify (object);

  if (may_change_rights (object, due))
    g_signal_emit_by_name (object, "writable-changed", "");

  return G_SOURCE_REMOVE;
}

/**
 * runconf_notices_start:
 *
 * Starts to notify. Earlier values of the properties are the initial values of the object.
 */
void
runconf_notices_start (RunconfNotices *self)
{
  __atomic_store_n (&self->is_started, TRUE, __ATOMIC_RELEASE);
}

/**
 * runconf_notices_add:
 *
 * Schedules a notification for the next iteration of the main context. All notices until then are
 * emitted together.
 */
void
runconf_notices_add (RunconfNotices *self, RunconfNotice notice)
{
  g_autoptr (GSource) source = NULL;

  if (!__atomic_load_n (&self->is_started, __ATOMIC_ACQUIRE))
    return;

  if (__atomic_fetch_or (&self->due, notice, __ATOMIC_ACQ_REL) != 0)
    return;

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_due, runconf_notices_ref (self),
                         (GDestroyNotify) runconf_notices_unref);
  g_source_attach (source, self->context);
}
