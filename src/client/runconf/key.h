/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>
#include <runconf/version.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_KEY (runconf_key_get_type ())

typedef struct _RunconfKey RunconfKey;

RUNCONF_AVAILABLE_IN_1_0
GType runconf_key_get_type (void);

RUNCONF_AVAILABLE_IN_1_0
RunconfKey *runconf_key_new (RunconfConfiguration *configuration, const char *path, GError **error);
RUNCONF_AVAILABLE_IN_1_0
RunconfKey *runconf_key_ref (RunconfKey *self);
RUNCONF_AVAILABLE_IN_1_0
void runconf_key_unref (RunconfKey *self);

RUNCONF_AVAILABLE_IN_1_0
const char *runconf_key_get_path (RunconfKey *self);

RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_key_get_boolean (RunconfKey *self, gboolean fallback);
RUNCONF_AVAILABLE_IN_1_0
gint64 runconf_key_get_int64 (RunconfKey *self, gint64 fallback);
RUNCONF_AVAILABLE_IN_1_0
guint64 runconf_key_get_uint64 (RunconfKey *self, guint64 fallback);
RUNCONF_AVAILABLE_IN_1_0
double runconf_key_get_double (RunconfKey *self, double fallback);
RUNCONF_AVAILABLE_IN_1_0
char *runconf_key_get_string (RunconfKey *self, const char *fallback);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_key_get_strv (RunconfKey *self, const char *const *fallback);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_key_get_value (RunconfKey *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfKey, runconf_key_unref)

G_END_DECLS
