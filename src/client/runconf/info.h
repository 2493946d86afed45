/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/enums.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_INFO (runconf_info_get_type ())

typedef struct _RunconfInfo RunconfInfo;

GType runconf_info_get_type (void);

RunconfInfo *runconf_info_ref (RunconfInfo *self);
void runconf_info_unref (RunconfInfo *self);

const char *runconf_info_get_name (RunconfInfo *self);
guint64 runconf_info_get_version (RunconfInfo *self);
RunconfState runconf_info_get_state (RunconfInfo *self);
const char *runconf_info_get_state_message (RunconfInfo *self);
GVariant *runconf_info_get_properties (RunconfInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfInfo, runconf_info_unref)

/* Listing all configurations */
void runconf_list_configurations (GDBusConnection *connection, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
GList *runconf_list_configurations_finish (GAsyncResult *result, GError **error);
GList *runconf_list_configurations_sync (GDBusConnection *connection, GCancellable *cancellable,
                                         GError **error);

G_END_DECLS
