/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RUNCONF_GSETTINGS_COMPILED_FILE "gschemas.compiled"

/**
 * RunconfGsettingsCompiled:
 *
 * The file `gschemas.compiled` of one folder of schemas. GLib's functions read the schemas; this is
 * for the facts that these functions use and don't return: whether a default depends on the language
 * or the desktop, and the schema of a child. It never changes.
 */
typedef struct _RunconfGsettingsCompiled RunconfGsettingsCompiled;

/* The codes of the parts of a key that its default depends on. */
#define RUNCONF_GSETTINGS_CODE_LANGUAGE 'l'
#define RUNCONF_GSETTINGS_CODE_DESKTOP 'd'

RunconfGsettingsCompiled *runconf_gsettings_compiled_new (const char *path, GError **error);
void runconf_gsettings_compiled_free (RunconfGsettingsCompiled *self);

gboolean runconf_gsettings_compiled_has_schema (RunconfGsettingsCompiled *self, const char *schema);
char *runconf_gsettings_compiled_dup_text (RunconfGsettingsCompiled *self, const char *schema,
                                           const char *name);
gboolean runconf_gsettings_compiled_get_codes (RunconfGsettingsCompiled *self, const char *schema,
                                               const char *key, GString *codes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfGsettingsCompiled, runconf_gsettings_compiled_free)

G_END_DECLS
