/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/control.h"

G_BEGIN_DECLS

/* One of the values that the schema allows. */
#define EDITOR_TYPE_CONTROL_CHOICE (editor_control_choice_get_type ())
G_DECLARE_FINAL_TYPE (EditorControlChoice, editor_control_choice, EDITOR, CONTROL_CHOICE,
                      EditorControl)

G_END_DECLS
