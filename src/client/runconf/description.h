/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/enums.h>
#include <runconf/version.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_DESCRIPTION (runconf_description_get_type ())

typedef struct _RunconfDescription RunconfDescription;

RUNCONF_AVAILABLE_IN_1_0
GType runconf_description_get_type (void);

RUNCONF_AVAILABLE_IN_1_0
RunconfDescription *runconf_description_ref (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
void runconf_description_unref (RunconfDescription *self);

RUNCONF_AVAILABLE_IN_1_0
const char *runconf_description_get_path (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_description_get_value_type (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_description_get_value (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_description_get_default_value (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
RunconfLayer runconf_description_get_layer (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_description_get_source (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_description_get_file (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
guint runconf_description_get_line (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
guint runconf_description_get_column (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_description_is_writable (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_description_is_secret (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_description_get_lock (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
guint64 runconf_description_get_version (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
gint64 runconf_description_get_time (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_description_get_title (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_description_get_description (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_description_get_ignored (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
GList *runconf_description_get_layers (RunconfDescription *self);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_description_lookup (RunconfDescription *self, const char *key);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_description_get_facts (RunconfDescription *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfDescription, runconf_description_unref)

G_END_DECLS
