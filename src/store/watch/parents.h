/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/watch/inotify.h"

G_BEGIN_DECLS

/**
 * RunconfParents:
 *
 * The watches for the folders above directories, shared by all watchers of one main context.
 */
typedef struct _RunconfParents RunconfParents;

/**
 * RunconfParentsWatch:
 *
 * A watch of one owner for all folders above one directory.
 */
typedef struct _RunconfParentsWatch RunconfParentsWatch;

RunconfParents *runconf_parents_new (RunconfInotify *inotify, RunconfInotifyFunc func);
void runconf_parents_free (RunconfParents *self);

RunconfParentsWatch *runconf_parents_add (RunconfParents *self, const char *directory,
                                          gpointer user_data);
void runconf_parents_remove (RunconfParentsWatch *watch);
gboolean runconf_parents_watch_is_complete (const RunconfParentsWatch *watch);

G_END_DECLS
