/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

#include "editor/pending.h"

G_BEGIN_DECLS

/* The changes of a place that the user has made and not applied yet: a GListModel of EditorPending, in
 * the order in which they were made, with one for each path. Each change knows whether somebody else
 * has changed its value meanwhile. Properties: n-items; is-ready: whether there are changes, and
 * nothing is known against any of them; problem: why the service refuses the changes together, empty
 * if each reason belongs to one of them.
 */
#define EDITOR_TYPE_BASKET (editor_basket_get_type ())
G_DECLARE_FINAL_TYPE (EditorBasket, editor_basket, EDITOR, BASKET, GObject)

EditorBasket *editor_basket_new (void);

void editor_basket_set_configuration (EditorBasket *self, RunconfConfiguration *configuration);

void editor_basket_put (EditorBasket *self, EditorPending *pending);
void editor_basket_drop (EditorBasket *self, const char *path);
void editor_basket_keep (EditorBasket *self, const char *path);
void editor_basket_clear (EditorBasket *self);

EditorPending *editor_basket_lookup (EditorBasket *self, const char *path);
gboolean editor_basket_get_ready (EditorBasket *self);
gboolean editor_basket_get_conflicting (EditorBasket *self);
const char *editor_basket_get_problem (EditorBasket *self);
void editor_basket_set_problem (EditorBasket *self, const char *problem);

guint64 editor_basket_compare (EditorBasket *self);
RunconfTransaction *editor_basket_make_transaction (EditorBasket *self, EditorPendingFlags kind);

G_END_DECLS
