/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_KEY (runconf_key_get_type ())

typedef struct _RunconfKey RunconfKey;

GType runconf_key_get_type (void);

RunconfKey *runconf_key_new (RunconfConfiguration *configuration, const char *path, GError **error);
RunconfKey *runconf_key_ref (RunconfKey *self);
void runconf_key_unref (RunconfKey *self);

const char *runconf_key_get_path (RunconfKey *self);

gboolean runconf_key_get_boolean (RunconfKey *self, gboolean fallback);
gint64 runconf_key_get_int64 (RunconfKey *self, gint64 fallback);
guint64 runconf_key_get_uint64 (RunconfKey *self, guint64 fallback);
double runconf_key_get_double (RunconfKey *self, double fallback);
char *runconf_key_get_string (RunconfKey *self, const char *fallback);
char **runconf_key_get_strv (RunconfKey *self, const char *const *fallback);
GVariant *runconf_key_get_value (RunconfKey *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfKey, runconf_key_unref)

G_END_DECLS
