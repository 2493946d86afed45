/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/watch/inotify.h"
#include "store/watch/parents.h"
#include "store/watch/ticker.h"

G_BEGIN_DECLS

/**
 * RunconfWatchHub:
 *
 * The resources that all watchers of one main context share. A process with one main loop has one
 * hub, and so one inotify file descriptor and at most two timers, however many files it watches.
 */
typedef struct
{
  guint n_refs;
  GMainContext *context;
  RunconfInotify *inotify;
  RunconfParents *parents;
  RunconfTicker *fast; /* for files whose changes inotify doesn't see */
  RunconfTicker *slow; /* for changes that inotify may miss */
} RunconfWatchHub;

RunconfWatchHub *runconf_watch_hub_ref_default (RunconfTickFunc on_tick,
                                                RunconfInotifyFunc on_parent);
void runconf_watch_hub_unref (RunconfWatchHub *self);

G_END_DECLS
