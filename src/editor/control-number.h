/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/control.h"

G_BEGIN_DECLS

/* A number, whole or not, with its range. */
#define EDITOR_TYPE_CONTROL_NUMBER (editor_control_number_get_type ())
G_DECLARE_FINAL_TYPE (EditorControlNumber, editor_control_number, EDITOR, CONTROL_NUMBER,
                      EditorControl)

G_END_DECLS
