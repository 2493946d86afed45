/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/enums.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_CHANGE (runconf_change_get_type ())

typedef struct _RunconfChange RunconfChange;

GType runconf_change_get_type (void);

RunconfChange *runconf_change_ref (RunconfChange *self);
void runconf_change_unref (RunconfChange *self);

guint64 runconf_change_get_version (RunconfChange *self);
gint64 runconf_change_get_time (RunconfChange *self);
const char *runconf_change_get_origin (RunconfChange *self);
RunconfLayer runconf_change_get_layer (RunconfChange *self);
gint64 runconf_change_get_uid (RunconfChange *self);
const char *runconf_change_get_caller (RunconfChange *self);
const char *runconf_change_get_message (RunconfChange *self);
const char *const *runconf_change_get_paths (RunconfChange *self);
guint64 runconf_change_get_n_omitted (RunconfChange *self);
GVariant *runconf_change_get_old_value (RunconfChange *self, const char *path);
GVariant *runconf_change_get_new_value (RunconfChange *self, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfChange, runconf_change_unref)

G_END_DECLS
