/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/control.h"

G_BEGIN_DECLS

/* A switch, for a boolean. */
#define EDITOR_TYPE_CONTROL_SWITCH (editor_control_switch_get_type ())
G_DECLARE_FINAL_TYPE (EditorControlSwitch, editor_control_switch, EDITOR, CONTROL_SWITCH,
                      EditorControl)

G_END_DECLS
