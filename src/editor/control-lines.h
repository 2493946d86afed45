/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/control.h"

G_BEGIN_DECLS

/* A string of several lines. */
#define EDITOR_TYPE_CONTROL_LINES (editor_control_lines_get_type ())
G_DECLARE_FINAL_TYPE (EditorControlLines, editor_control_lines, EDITOR, CONTROL_LINES,
                      EditorControl)

G_END_DECLS
