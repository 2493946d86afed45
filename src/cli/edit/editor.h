/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CliEditor:
 *
 * Runs an editor for a text, in a file in a folder that only the user can access.
 */
typedef struct _CliEditor CliEditor;

CliEditor *cli_editor_new (const char *command, const char *name, GBytes *text, GError **error);
void cli_editor_free (CliEditor *self);

GBytes *cli_editor_run (CliEditor *self, GError **error);
gboolean cli_editor_write (CliEditor *self, GBytes *text, GError **error);
gboolean cli_editor_has_work (CliEditor *self);
char *cli_editor_keep (CliEditor *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliEditor, cli_editor_free)

G_END_DECLS
