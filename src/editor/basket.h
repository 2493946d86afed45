/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

#include "editor/pending.h"

G_BEGIN_DECLS

/* The changes of a place that the user has made and not applied yet: a GListModel of EditorPending, in
 * the order in which they were made, with one for each path.
 */
#define EDITOR_TYPE_BASKET (editor_basket_get_type ())
G_DECLARE_FINAL_TYPE (EditorBasket, editor_basket, EDITOR, BASKET, GObject)

EditorBasket *editor_basket_new (void);

void editor_basket_put (EditorBasket *self, EditorPending *pending);
void editor_basket_drop (EditorBasket *self, const char *path);
void editor_basket_clear (EditorBasket *self);

EditorPending *editor_basket_lookup (EditorBasket *self, const char *path);
RunconfTransaction *editor_basket_make_transaction (EditorBasket *self);

G_END_DECLS
