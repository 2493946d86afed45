/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/page.h"

G_BEGIN_DECLS

/* The page of all changes of a configuration. */
#define EDITOR_TYPE_HISTORY_PAGE (editor_history_page_get_type ())
G_DECLARE_FINAL_TYPE (EditorHistoryPage, editor_history_page, EDITOR, HISTORY_PAGE, EditorPage)

G_END_DECLS
