/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

#include "editor/basket.h"

G_BEGIN_DECLS

/* Asks the service about the changes of a basket, as the user makes them. */
#define EDITOR_TYPE_CHECK (editor_check_get_type ())
G_DECLARE_FINAL_TYPE (EditorCheck, editor_check, EDITOR, CHECK, GObject)

EditorCheck *editor_check_new (EditorBasket *basket, RunconfConfiguration *configuration);

G_END_DECLS
