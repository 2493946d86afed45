/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/page.h"

G_BEGIN_DECLS

/* The page of one value: its control, facts, layers and last changes. */
#define EDITOR_TYPE_VALUE_PAGE (editor_value_page_get_type ())
G_DECLARE_FINAL_TYPE (EditorValuePage, editor_value_page, EDITOR, VALUE_PAGE, EditorPage)

G_END_DECLS
