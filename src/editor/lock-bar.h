/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "editor/place.h"

G_BEGIN_DECLS

/* Why the user can't change a value, with the question for a password if that helps. It is on the screen
 * only if there is such a reason. Signal: `opened`, when the password was right.
 */
#define EDITOR_TYPE_LOCK_BAR (editor_lock_bar_get_type ())
G_DECLARE_FINAL_TYPE (EditorLockBar, editor_lock_bar, EDITOR, LOCK_BAR, AdwBin)

void editor_lock_bar_begin (EditorLockBar *self, EditorPlace *place, const char *path);
void editor_lock_bar_show (EditorLockBar *self, RunconfDescription *description);
gboolean editor_lock_bar_is_open (EditorLockBar *self);

G_END_DECLS
