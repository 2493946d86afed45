/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "client/snapshot-private.h"

G_BEGIN_DECLS

/**
 * RunconfListener:
 *
 * What somebody wants to be told: the changes at and below a path, one after the other, in a main
 * context.
 */
typedef struct _RunconfListener RunconfListener;

/* @paths: (array zero-terminated=1): what a change changed */
typedef void (*RunconfListenerFunc) (GObject *object, const char *const *paths);

RunconfListener *runconf_listener_new (const char *path, RunconfSnapshot *base, GObject *object,
                                       GMainContext *context, RunconfListenerFunc emit);
RunconfListener *runconf_listener_ref (RunconfListener *self);
void runconf_listener_unref (RunconfListener *self);

void runconf_listener_close (RunconfListener *self);
const char *runconf_listener_get_path (const RunconfListener *self);
char *runconf_listener_make_rule (const RunconfListener *self, const char *object_path);

/* for the worker alone */
void runconf_listener_notify (RunconfListener *self, const char *const *paths, guint64 version,
                              RunconfSnapshot *now);
void runconf_listener_notify_difference (RunconfListener *self, RunconfSnapshot *now);
void runconf_listener_move (RunconfListener *self, RunconfSnapshot *fresh);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfListener, runconf_listener_unref)

G_END_DECLS
