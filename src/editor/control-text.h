/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/control.h"

G_BEGIN_DECLS

/* A text on one line: a string, or a scalar of several types. */
#define EDITOR_TYPE_CONTROL_TEXT (editor_control_text_get_type ())
G_DECLARE_FINAL_TYPE (EditorControlText, editor_control_text, EDITOR, CONTROL_TEXT, EditorControl)

G_END_DECLS
