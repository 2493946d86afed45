/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/page.h"

G_BEGIN_DECLS

/* The page of the changes that aren't applied yet. */
#define EDITOR_TYPE_BASKET_PAGE (editor_basket_page_get_type ())
G_DECLARE_FINAL_TYPE (EditorBasketPage, editor_basket_page, EDITOR, BASKET_PAGE, EditorPage)

G_END_DECLS
