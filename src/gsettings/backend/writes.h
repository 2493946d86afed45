/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsettings/backend/opening.h"

G_BEGIN_DECLS

/**
 * RunconfBackendWrites:
 *
 * The changes that the program has made and the service hasn't confirmed yet. Reads of the program
 * see them at once.
 */
typedef struct _RunconfBackendWrites RunconfBackendWrites;

/* Called in the worker thread: @keys is a %NULL-terminated list of keys whose values aren't those
 * that the program has written.
 */
typedef void (*RunconfBackendWritesFunc) (const char *const *keys, gpointer user_data);

/* A change: keys with the values that they get. It never changes once it is queued. */
GTree *runconf_backend_change_new (void);
void runconf_backend_change_add (GTree *self, const char *key, GVariant *value);
void runconf_backend_change_add_all (GTree *self, GTree *other);

RunconfBackendWrites *runconf_backend_writes_new (RunconfBackendOpening *opening,
                                                  RunconfBackendWritesFunc func, gpointer user_data,
                                                  GDestroyNotify destroy);
RunconfBackendWrites *runconf_backend_writes_ref (RunconfBackendWrites *self);
void runconf_backend_writes_unref (RunconfBackendWrites *self);

void runconf_backend_writes_add (RunconfBackendWrites *self, GTree *change);
gboolean runconf_backend_writes_find (RunconfBackendWrites *self, const char *key,
                                      GVariant **value);
gboolean runconf_backend_writes_explain (RunconfBackendWrites *self, const char *key,
                                         guint64 version);
void runconf_backend_writes_sync (RunconfBackendWrites *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfBackendWrites, runconf_backend_writes_unref)

G_END_DECLS
