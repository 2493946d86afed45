/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/control.h"

G_BEGIN_DECLS

/* A date, or a date with a time. */
#define EDITOR_TYPE_CONTROL_DATE (editor_control_date_get_type ())
G_DECLARE_FINAL_TYPE (EditorControlDate, editor_control_date, EDITOR, CONTROL_DATE, EditorControl)

G_END_DECLS
