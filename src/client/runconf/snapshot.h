/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/version.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_SNAPSHOT (runconf_snapshot_get_type ())

typedef struct _RunconfSnapshot RunconfSnapshot;

RUNCONF_AVAILABLE_IN_1_0
GType runconf_snapshot_get_type (void);

RUNCONF_AVAILABLE_IN_1_0
RunconfSnapshot *runconf_snapshot_new_shared (const char *name);

RUNCONF_AVAILABLE_IN_1_0
RunconfSnapshot *runconf_snapshot_ref (RunconfSnapshot *self);
RUNCONF_AVAILABLE_IN_1_0
void runconf_snapshot_unref (RunconfSnapshot *self);

RUNCONF_AVAILABLE_IN_1_0
guint64 runconf_snapshot_get_version (RunconfSnapshot *self);
RUNCONF_AVAILABLE_IN_1_0
gint64 runconf_snapshot_get_last_modified (RunconfSnapshot *self);

RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_snapshot_get_boolean (RunconfSnapshot *self, const char *path, gboolean fallback);
RUNCONF_AVAILABLE_IN_1_0
gint64 runconf_snapshot_get_int64 (RunconfSnapshot *self, const char *path, gint64 fallback);
RUNCONF_AVAILABLE_IN_1_0
guint64 runconf_snapshot_get_uint64 (RunconfSnapshot *self, const char *path, guint64 fallback);
RUNCONF_AVAILABLE_IN_1_0
double runconf_snapshot_get_double (RunconfSnapshot *self, const char *path, double fallback);
RUNCONF_AVAILABLE_IN_1_0
char *runconf_snapshot_get_string (RunconfSnapshot *self, const char *path, const char *fallback);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_snapshot_get_strv (RunconfSnapshot *self, const char *path,
                                  const char *const *fallback);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_snapshot_get_value (RunconfSnapshot *self, const char *path);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_snapshot_get_default_value (RunconfSnapshot *self, const char *path);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_snapshot_get_user_value (RunconfSnapshot *self, const char *path);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_snapshot_has (RunconfSnapshot *self, const char *path);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_snapshot_list (RunconfSnapshot *self, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfSnapshot, runconf_snapshot_unref)

G_END_DECLS
