/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/control.h"

G_BEGIN_DECLS

/* The elements of a sequence. */
#define EDITOR_TYPE_CONTROL_LIST (editor_control_list_get_type ())
G_DECLARE_FINAL_TYPE (EditorControlList, editor_control_list, EDITOR, CONTROL_LIST, EditorControl)

G_END_DECLS
