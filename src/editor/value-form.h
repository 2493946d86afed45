/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "editor/place.h"

G_BEGIN_DECLS

/* What changes a value: its control, its default, and what the service says about the change. Signal:
 * `stale`, when the value may be another one than the form shows.
 */
#define EDITOR_TYPE_VALUE_FORM (editor_value_form_get_type ())
G_DECLARE_FINAL_TYPE (EditorValueForm, editor_value_form, EDITOR, VALUE_FORM, AdwPreferencesGroup)

void editor_value_form_begin (EditorValueForm *self, EditorPlace *place, const char *path);
void editor_value_form_show (EditorValueForm *self, RunconfDescription *description,
                             const char *title);
void editor_value_form_show_error (EditorValueForm *self, const GError *error);
void editor_value_form_focus (EditorValueForm *self);
void editor_value_form_check_again (EditorValueForm *self);

G_END_DECLS
