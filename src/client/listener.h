/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "client/change-private.h"

G_BEGIN_DECLS

/**
 * RunconfListener:
 *
 * Receives the changes at and below a path, one after the other, and emits them in a main context.
 */
typedef struct _RunconfListener RunconfListener;

typedef void (*RunconfListenerFunc) (GObject *object, RunconfChange *change);
typedef void (*RunconfListenerFailFunc) (GObject *object, const GError *error);

RunconfListener *runconf_listener_new (const char *path, RunconfSnapshot *base, GObject *object,
                                       GMainContext *context, RunconfListenerFunc emit,
                                       RunconfListenerFailFunc fail);
RunconfListener *runconf_listener_ref (RunconfListener *self);
void runconf_listener_unref (RunconfListener *self);

void runconf_listener_close (RunconfListener *self);
const char *runconf_listener_get_path (const RunconfListener *self);

/* for the worker thread only */
void runconf_listener_notify (RunconfListener *self, const char *const *paths, guint64 version,
                              GVariant *details, RunconfSnapshot *now);
void runconf_listener_notify_difference (RunconfListener *self, RunconfSnapshot *now);
void runconf_listener_move (RunconfListener *self, RunconfSnapshot *fresh);
void runconf_listener_fail (RunconfListener *self, const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfListener, runconf_listener_unref)

G_END_DECLS
