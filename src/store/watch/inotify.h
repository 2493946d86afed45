/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfInotify:
 *
 * One inotify file descriptor, and the watches on it.
 */
typedef struct _RunconfInotify RunconfInotify;

/**
 * RunconfInotifyWatch:
 *
 * A watch for one name in one directory, or for the place of one directory.
 */
typedef struct _RunconfInotifyWatch RunconfInotifyWatch;

/* Called for each event, so it must be cheap; it must neither add nor remove watches. */
typedef void (*RunconfInotifyFunc) (const char *name, guint32 mask, gpointer user_data);

RunconfInotify *runconf_inotify_new (GMainContext *context);
void runconf_inotify_free (RunconfInotify *self);

RunconfInotifyWatch *runconf_inotify_add (RunconfInotify *self, const char *directory,
                                          const char *name, RunconfInotifyFunc func,
                                          gpointer user_data);
RunconfInotifyWatch *runconf_inotify_add_place (RunconfInotify *self, const char *directory,
                                                RunconfInotifyFunc func, gpointer user_data);
void runconf_inotify_remove (RunconfInotifyWatch *watch);
gint64 runconf_inotify_watch_get_since (const RunconfInotifyWatch *watch);

gboolean runconf_inotify_has_unread (RunconfInotify *self);

G_END_DECLS
