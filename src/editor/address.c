/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/address.h"

#include <string.h>

#include <glib/gi18n.h>
#include <runconf/runconf.h>

void
editor_address_clear (EditorAddress *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->path, g_free);
}

static gboolean
read_bus (EditorAddress *self, const char *bus)
{
  if (strcmp (bus, "system") == 0)
    self->bus_type = G_BUS_TYPE_SYSTEM;
  else if (strcmp (bus, "session") == 0)
    self->bus_type = G_BUS_TYPE_SESSION;
  else
    return FALSE;

  return TRUE;
}

static gboolean
check_path (const char *path, GError **error)
{
  g_auto (GStrv) keys = runconf_path_split (path, error);

  return keys != NULL;
}

/* @self: (out): the place and the path that the text names */
gboolean
editor_address_read (EditorAddress *self, const char *text, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 3);

  if (g_strv_length (parts) < 2 || !read_bus (self, parts[0]) || *parts[1] == '\0')
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
                   _ ("“%s” names no configuration; write system/NAME or session/NAME, and a path "
                      "after it if you like"),
                   text);
      return FALSE;
    }

  self->name = g_strdup (parts[1]);
  self->path = parts[2] != NULL ? g_strconcat ("/", parts[2], NULL) : g_strdup ("");

  return check_path (self->path, error);
}
