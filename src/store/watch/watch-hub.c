/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/watch/watch-hub.h"
#include "store/timing.h"

static GMutex hubs_mutex;
static GHashTable *hubs; /* by main context */

/**
 * runconf_watch_hub_ref_default:
 * @on_tick: called for each member of a ticker; the same for all callers
 * @on_parent: called for each owner of a watch of parents; the same for all callers
 *
 * Returns: (transfer full): the hub of the thread-default main context
 */
RunconfWatchHub *
runconf_watch_hub_ref_default (RunconfTickFunc on_tick, RunconfInotifyFunc on_parent)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&hubs_mutex);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  RunconfWatchHub *self;

  if (hubs == NULL)
    hubs = g_hash_table_new (NULL, NULL);

  self = g_hash_table_lookup (hubs, context);
  if (self == NULL)
    {
      self = g_new0 (RunconfWatchHub, 1);
      self->inotify = runconf_inotify_new (context);
      self->parents = runconf_parents_new (self->inotify, on_parent);
      self->fast = runconf_ticker_new (context, RUNCONF_TIMING_FAST_TICK_SECONDS, on_tick);
      self->slow = runconf_ticker_new (context, RUNCONF_TIMING_SLOW_TICK_SECONDS, on_tick);
      self->context = g_steal_pointer (&context);
      g_hash_table_insert (hubs, self->context, self);
    }

  self->n_refs++;
  return self;
}

void
runconf_watch_hub_unref (RunconfWatchHub *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&hubs_mutex);

  if (--self->n_refs > 0)
    return;

  g_hash_table_remove (hubs, self->context);
  if (g_hash_table_size (hubs) == 0)
    g_clear_pointer (&hubs, g_hash_table_unref);

  runconf_ticker_free (self->slow);
  runconf_ticker_free (self->fast);
  runconf_parents_free (self->parents);
  runconf_inotify_free (self->inotify);
  g_main_context_unref (self->context);
  g_free (self);
}
