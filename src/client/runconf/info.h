/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/enums.h>
#include <runconf/version.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_INFO (runconf_info_get_type ())

typedef struct _RunconfInfo RunconfInfo;

RUNCONF_AVAILABLE_IN_1_0
GType runconf_info_get_type (void);

RUNCONF_AVAILABLE_IN_1_0
RunconfInfo *runconf_info_ref (RunconfInfo *self);
RUNCONF_AVAILABLE_IN_1_0
void runconf_info_unref (RunconfInfo *self);

RUNCONF_AVAILABLE_IN_1_0
const char *runconf_info_get_name (RunconfInfo *self);
RUNCONF_AVAILABLE_IN_1_0
guint64 runconf_info_get_version (RunconfInfo *self);
RUNCONF_AVAILABLE_IN_1_0
RunconfState runconf_info_get_state (RunconfInfo *self);
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_info_get_state_message (RunconfInfo *self);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_info_get_properties (RunconfInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfInfo, runconf_info_unref)

/* Listing all configurations */
RUNCONF_AVAILABLE_IN_1_0
void runconf_list_configurations (GDBusConnection *connection, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
GList *runconf_list_configurations_finish (GAsyncResult *result, GError **error);
RUNCONF_AVAILABLE_IN_1_0
GList *runconf_list_configurations_sync (GDBusConnection *connection, GCancellable *cancellable,
                                         GError **error);

G_END_DECLS
