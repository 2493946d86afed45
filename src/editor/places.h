/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/place.h"

G_BEGIN_DECLS

/* The configurations of the system and of the session: a live GListModel of EditorPlace, those of the
 * system first, each in the order of their names.
 */
#define EDITOR_TYPE_PLACES (editor_places_get_type ())
G_DECLARE_FINAL_TYPE (EditorPlaces, editor_places, EDITOR, PLACES, GObject)

EditorPlaces *editor_places_new (void);

EditorPlace *editor_places_ensure (EditorPlaces *self, GBusType bus_type, const char *name);

G_END_DECLS
