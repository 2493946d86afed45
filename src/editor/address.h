/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * EditorAddress:
 * @bus_type: the bus of the service
 * @name: the name of the configuration
 * @path: the path in it, as a JSON Pointer; the empty string is the whole configuration
 *
 * A place and a path in it, written as `BUS/NAME[/PATH]`: `system/chat/websocket/port`.
 */
typedef struct
{
  GBusType bus_type;
  char *name;
  char *path;
} EditorAddress;

gboolean editor_address_read (EditorAddress *self, const char *text, GError **error);
void editor_address_clear (EditorAddress *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EditorAddress, editor_address_clear)

G_END_DECLS
