/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/hearing.h"

/* Most programs watch parts of a configuration, or nothing. A rule for everything would wake them at
 * each change of anything. So there is one only once a handler is connected to the plain `changed`
 * signal of a configuration. An object isn't told of that; but a handler can be called only by the
 * main context in which the object was made. So a source in that context looks, each time before
 * the context waits, whether there is a handler by now. When there is one, it has the rule added,
 * and goes.
 *
 * Until the bus knows the rule, changes aren't heard. They aren't lost: what was in force when last
 * there was no handler is kept, and compared later. A handler that is connected before the context
 * turns for the first time is told of what changed since the object was made.
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
  g_autoptr (GObject) object = g_weak_ref_get (&self->object);
  RunconfSnapshot *base;

  *timeout = -1;
  if (object == NULL)
    return FALSE;

  if (g_signal_has_handler_pending (object, self->signal, 0, TRUE))
    return TRUE;

  if (runconf_link_get_version (self->link) != runconf_snapshot_get_version (self->base))
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
 * @object: which isn't kept alive
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
