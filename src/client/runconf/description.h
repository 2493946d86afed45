/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/enums.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_DESCRIPTION (runconf_description_get_type ())

typedef struct _RunconfDescription RunconfDescription;

GType runconf_description_get_type (void);

RunconfDescription *runconf_description_ref (RunconfDescription *self);
void runconf_description_unref (RunconfDescription *self);

const char *runconf_description_get_path (RunconfDescription *self);
const char *runconf_description_get_value_type (RunconfDescription *self);
GVariant *runconf_description_get_value (RunconfDescription *self);
GVariant *runconf_description_get_default_value (RunconfDescription *self);
RunconfLayer runconf_description_get_layer (RunconfDescription *self);
const char *runconf_description_get_source (RunconfDescription *self);
const char *runconf_description_get_file (RunconfDescription *self);
guint runconf_description_get_line (RunconfDescription *self);
guint runconf_description_get_column (RunconfDescription *self);
gboolean runconf_description_is_writable (RunconfDescription *self);
gboolean runconf_description_is_secret (RunconfDescription *self);
const char *runconf_description_get_lock (RunconfDescription *self);
guint64 runconf_description_get_version (RunconfDescription *self);
gint64 runconf_description_get_time (RunconfDescription *self);
const char *runconf_description_get_title (RunconfDescription *self);
const char *runconf_description_get_description (RunconfDescription *self);
const char *runconf_description_get_ignored (RunconfDescription *self);
GList *runconf_description_get_layers (RunconfDescription *self);
GVariant *runconf_description_lookup (RunconfDescription *self, const char *key);
GVariant *runconf_description_get_facts (RunconfDescription *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfDescription, runconf_description_unref)

G_END_DECLS
