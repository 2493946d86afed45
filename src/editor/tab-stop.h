/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define EDITOR_TYPE_TAB_STOP (editor_tab_stop_get_type ())
G_DECLARE_FINAL_TYPE (EditorTabStop, editor_tab_stop, EDITOR, TAB_STOP, AdwBin)

G_END_DECLS
