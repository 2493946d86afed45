/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/hearing.h"

#include "client/fork.h"

/* Detecting the first handler of a signal. Most programs watch parts of a configuration, or
 * nothing; a match rule for everything would wake them at each change. So the rule for the
 * `changed` signal of a configuration is added only when a handler is connected to it. An object
 * isn't notified of that, but only the main context in which the object was made can call a
 * handler. So a source in that context, the "hearing", checks for a handler each time before the
 * context waits. When there is one, the source has the rule added, and removes itself.
 *
 * Changes are not received until the bus has the rule. They aren't lost: the last snapshot without
 * a handler is kept, and compared later. A handler that is connected before the context runs for
 * the first time receives the changes since the object was made.
 */
typedef struct
{
  GSource source;
  GWeakRef object;
  guint signal;
  RunconfLink *link;
  RunconfSnapshot *base;
  RunconfHearingFunc begin;
} Hearing;

static gboolean
on_prepare (GSource *source, int *timeout)
{
  Hearing *self = (Hearing *) source;
  g_autoptr (GObject) object = NULL;
  RunconfSnapshot *base;

  *timeout = -1;
  /* another thread of the parent may have had the locks of GObject when it was forked */
  if (runconf_fork_is_child)
    return FALSE;

  object = g_weak_ref_get (&self->object);
  if (object == NULL)
    return FALSE;

  if (g_signal_has_handler_pending (object, self->signal, 0, TRUE))
    return TRUE;

  if (!runconf_link_is_newest (self->link, self->base))
    {
      base = runconf_link_get_snapshot (self->link);
      runconf_snapshot_unref (self->base);
      self->base = base;
    }

  return FALSE;
}

static gboolean
on_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  Hearing *self = (Hearing *) source;
  g_autoptr (GObject) object = g_weak_ref_get (&self->object);

  if (object != NULL)
    self->begin (object, self->base);

  return G_SOURCE_REMOVE;
}

static void
on_finalize (GSource *source)
{
  Hearing *self = (Hearing *) source;

  g_weak_ref_clear (&self->object);
  runconf_link_unref (self->link);
  runconf_snapshot_unref (self->base);
}

/**
 * runconf_hearing_source_new:
 * @object: the object, which isn't kept alive
 * @signal: one of its signals
 * @begin: called once, when the signal has a handler
 *
 * Returns: (transfer full): a source that isn't attached yet
 */
GSource *
runconf_hearing_source_new (GObject *object, guint signal, RunconfLink *link,
                            RunconfHearingFunc begin)
{
  static GSourceFuncs functions = {
    .prepare = on_prepare,
    .dispatch = on_dispatch,
    .finalize = on_finalize,
  };
  GSource *source = g_source_new (&functions, sizeof (Hearing));
  Hearing *self = (Hearing *) source;

  g_weak_ref_init (&self->object, object);
  self->signal = signal;
  self->link = runconf_link_ref (link);
  self->base = runconf_link_get_snapshot (link);
  self->begin = begin;

  return source;
}
