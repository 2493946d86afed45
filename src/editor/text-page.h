/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/page.h"

G_BEGIN_DECLS

/* The page of the overrides as a text. */
#define EDITOR_TYPE_TEXT_PAGE (editor_text_page_get_type ())
G_DECLARE_FINAL_TYPE (EditorTextPage, editor_text_page, EDITOR, TEXT_PAGE, EditorPage)

G_END_DECLS
