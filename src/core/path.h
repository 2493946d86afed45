/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfPath:
 *
 * A JSON Pointer (RFC 6901), split into its segments.
 */
typedef struct _RunconfPath RunconfPath;

RunconfPath *runconf_path_new (const char *pointer, GError **error);
void runconf_path_free (RunconfPath *self);

const char *runconf_path_get_pointer (const RunconfPath *self);
guint runconf_path_get_length (const RunconfPath *self);
const char *runconf_path_get_segment (const RunconfPath *self, guint position);
char *runconf_path_get_prefix (const RunconfPath *self, guint length);

const char *runconf_path_take_segment (const char *pointer, GString *key);
void runconf_path_append (GString *pointer, const char *segment);
gboolean runconf_path_parse_index (const char *segment, guint *index);
gboolean runconf_path_is_below (const char *pointer, const char *ancestor);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfPath, runconf_path_free)

G_END_DECLS
