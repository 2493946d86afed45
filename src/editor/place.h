/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

#include "editor/basket.h"
#include "editor/secrets.h"
#include "editor/undo.h"

G_BEGIN_DECLS

/**
 * EditorPlaceState:
 * @EDITOR_PLACE_CLOSED: nobody has opened the place yet
 * @EDITOR_PLACE_OPENING: the service hasn't replied yet
 * @EDITOR_PLACE_OPEN: the service serves the configuration
 * @EDITOR_PLACE_GONE: the service, or its configuration, isn't there now
 * @EDITOR_PLACE_DENIED: the bus doesn't let the user call the service
 * @EDITOR_PLACE_FAILED: the configuration can't be opened for another reason
 *
 * The state of a place. It returns from @EDITOR_PLACE_GONE to @EDITOR_PLACE_OPEN by itself.
 */
typedef enum
{
  EDITOR_PLACE_CLOSED,
  EDITOR_PLACE_OPENING,
  EDITOR_PLACE_OPEN,
  EDITOR_PLACE_GONE,
  EDITOR_PLACE_DENIED,
  EDITOR_PLACE_FAILED,
} EditorPlaceState;

#define EDITOR_TYPE_PLACE_STATE (editor_place_state_get_type ())
GType editor_place_state_get_type (void);

/* A configuration on a bus. Properties: bus-type, name, state, configuration (nullable), basket. Signal:
 * `changed`, with a RunconfChange, or %NULL if everything may be different.
 */
#define EDITOR_TYPE_PLACE (editor_place_get_type ())
G_DECLARE_FINAL_TYPE (EditorPlace, editor_place, EDITOR, PLACE, GObject)

EditorPlace *editor_place_new (GBusType bus_type, const char *name);

void editor_place_open (EditorPlace *self);

GBusType editor_place_get_bus_type (EditorPlace *self);
const char *editor_place_get_name (EditorPlace *self);
EditorPlaceState editor_place_get_state (EditorPlace *self);
const char *editor_place_get_message (EditorPlace *self);
RunconfConfiguration *editor_place_get_configuration (EditorPlace *self);
EditorBasket *editor_place_get_basket (EditorPlace *self);
EditorSecrets *editor_place_get_secrets (EditorPlace *self);
EditorUndo *editor_place_get_undo (EditorPlace *self);

G_END_DECLS
