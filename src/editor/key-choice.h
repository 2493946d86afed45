/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtksourceview/gtksource.h>

G_BEGIN_DECLS

#define EDITOR_TYPE_KEY_CHOICE (editor_key_choice_get_type ())
G_DECLARE_FINAL_TYPE (EditorKeyChoice, editor_key_choice, EDITOR, KEY_CHOICE, GObject)

EditorKeyChoice *editor_key_choice_new (const char *text, const char *note);

const char *editor_key_choice_get_text (EditorKeyChoice *self);
const char *editor_key_choice_get_note (EditorKeyChoice *self);

G_END_DECLS
