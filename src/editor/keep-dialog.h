/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "editor/place.h"

G_BEGIN_DECLS

/* The question whether changes are to stay, with the time that is left for the answer. The service
 * reverts the changes at the end of this time, whatever happens to this program.
 */
#define EDITOR_TYPE_KEEP_DIALOG (editor_keep_dialog_get_type ())
G_DECLARE_FINAL_TYPE (EditorKeepDialog, editor_keep_dialog, EDITOR, KEEP_DIALOG, AdwWindow)

void editor_keep_dialog_show (GtkWidget *opener, EditorPlace *place, GArray *versions,
                              guint seconds);

G_END_DECLS
