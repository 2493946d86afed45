/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/enums.h>
#include <runconf/version.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_CHANGE (runconf_change_get_type ())

typedef struct _RunconfChange RunconfChange;

RUNCONF_AVAILABLE_IN_1_0
GType runconf_change_get_type (void);

RUNCONF_AVAILABLE_IN_1_0
RunconfChange *runconf_change_ref (RunconfChange *self);
RUNCONF_AVAILABLE_IN_1_0
void runconf_change_unref (RunconfChange *self);

RUNCONF_AVAILABLE_IN_1_0
guint64 runconf_change_get_version (RunconfChange *self);
RUNCONF_AVAILABLE_IN_1_0
gint64 runconf_change_get_time (RunconfChange *self);
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_change_get_origin (RunconfChange *self);
RUNCONF_AVAILABLE_IN_1_0
RunconfLayer runconf_change_get_layer (RunconfChange *self);
RUNCONF_AVAILABLE_IN_1_0
gint64 runconf_change_get_uid (RunconfChange *self);
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_change_get_caller (RunconfChange *self);
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_change_get_message (RunconfChange *self);
RUNCONF_AVAILABLE_IN_1_0
const char *const *runconf_change_get_paths (RunconfChange *self);
RUNCONF_AVAILABLE_IN_1_0
guint64 runconf_change_get_n_omitted (RunconfChange *self);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_change_get_old_value (RunconfChange *self, const char *path);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_change_get_new_value (RunconfChange *self, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfChange, runconf_change_unref)

G_END_DECLS
