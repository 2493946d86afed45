/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "client/snapshot-private.h"

G_BEGIN_DECLS

/**
 * RunconfListener:
 *
 * Receives the changes at and below a path, one after the other, and emits them in a main context.
 */
typedef struct _RunconfListener RunconfListener;

/**
 * RunconfListenerChange:
 * @paths: (array zero-terminated=1): the paths that changed
 * @version: the version at which they have
 * @values: (nullable): the new values, an `a{sv}` by path, which may have other paths too; %NULL if the
 *   service didn't send them with this change alone
 */
typedef struct
{
  GPtrArray *paths;
  guint64 version;
  GVariant *values;
} RunconfListenerChange;

typedef void (*RunconfListenerFunc) (GObject *object, const RunconfListenerChange *change);
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
                              GVariant *values, RunconfSnapshot *now);
void runconf_listener_notify_difference (RunconfListener *self, RunconfSnapshot *now);
void runconf_listener_move (RunconfListener *self, RunconfSnapshot *fresh);
void runconf_listener_fail (RunconfListener *self, const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfListener, runconf_listener_unref)

G_END_DECLS
