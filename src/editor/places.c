/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/places.h"

#include <string.h>

#define BUS_NAME "org.runconf.Config1"
#define MANAGER_PATH "/org/runconf/Config1"
#define MANAGER_INTERFACE "org.freedesktop.DBus.ObjectManager"

/* The list of one bus is read again with each signal of the object manager, and when the service
 * comes. When it goes, the list stays: a place says itself that it is gone.
 */
typedef struct
{
  EditorPlaces *places; /* (unowned) */
  GBusType type;
  GDBusConnection *connection; /* (nullable) */
  guint subscription;
  guint watch;
} Bus;

struct _EditorPlaces
{
  GObject parent_instance;

  GPtrArray *items; /* of EditorPlace */
  GCancellable *cancellable;
  Bus buses[2];
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (EditorPlaces, editor_places, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static GType
get_item_type (GListModel *model)
{
  return EDITOR_TYPE_PLACE;
}

static guint
get_n_items (GListModel *model)
{
  return EDITOR_PLACES (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GPtrArray *items = EDITOR_PLACES (model)->items;

  return position < items->len ? g_object_ref (items->pdata[position]) : NULL;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static int
compare (EditorPlace *place, GBusType bus_type, const char *name)
{
  int difference = (int) editor_place_get_bus_type (place) - (int) bus_type;

  return difference != 0 ? difference : strcmp (editor_place_get_name (place), name);
}

/* Returns: (transfer none): the place with this name, which is added to the list if it isn't in it */
EditorPlace *
editor_places_ensure (EditorPlaces *self, GBusType bus_type, const char *name)
{
  guint i = 0;

  while (i < self->items->len && compare (self->items->pdata[i], bus_type, name) < 0)
    i++;
  if (i == self->items->len || compare (self->items->pdata[i], bus_type, name) != 0)
    {
      g_ptr_array_insert (self->items, (int) i, editor_place_new (bus_type, name));
      g_list_model_items_changed (G_LIST_MODEL (self), i, 0, 1);
    }

  return self->items->pdata[i];
}

static gboolean
has_name (GList *infos, const char *name)
{
  for (; infos != NULL; infos = infos->next)
    if (strcmp (runconf_info_get_name (infos->data), name) == 0)
      return TRUE;

  return FALSE;
}

/* A place that somebody has opened stays in the list: it may have changes that aren't applied. */
static void
remove_missing (EditorPlaces *self, GBusType type, GList *infos)
{
  for (guint i = self->items->len; i > 0; i--)
    {
      EditorPlace *place = self->items->pdata[i - 1];

      if (editor_place_get_bus_type (place) != type
          || editor_place_get_state (place) != EDITOR_PLACE_CLOSED
          || has_name (infos, editor_place_get_name (place)))
        continue;

      g_ptr_array_remove_index (self->items, i - 1);
      g_list_model_items_changed (G_LIST_MODEL (self), i - 1, 1, 0);
    }
}

static void
free_infos (GList *infos)
{
  g_list_free_full (infos, (GDestroyNotify) runconf_info_unref);
}

static void
on_listed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GList *infos = runconf_list_configurations_finish (result, &error);
  Bus *bus = user_data;

  if (error != NULL)
    {
      /* the bus is gone with the model if the call was cancelled */
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_debug ("The configurations can't be listed: %s", error->message);
      return;
    }

  remove_missing (bus->places, bus->type, infos);
  for (GList *item = infos; item != NULL; item = item->next)
    editor_places_ensure (bus->places, bus->type, runconf_info_get_name (item->data));
  free_infos (infos);
}

static void
list_configurations (Bus *bus)
{
  runconf_list_configurations (bus->connection, bus->places->cancellable, on_listed, bus);
}

static void
on_signal (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *signal, GVariant *parameters, gpointer user_data)
{
  list_configurations (user_data);
}

static void
on_appeared (GDBusConnection *connection, const char *name, const char *owner, gpointer user_data)
{
  list_configurations (user_data);
}

static void
on_bus (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_bus_get_finish (result, &error);
  Bus *bus = user_data;

  if (connection == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_debug ("There is no bus: %s", error->message);
      return;
    }

  bus->connection = connection;
  bus->subscription = g_dbus_connection_signal_subscribe (
      connection, BUS_NAME, MANAGER_INTERFACE, NULL, MANAGER_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
      on_signal, bus, NULL);
  bus->watch = g_bus_watch_name_on_connection (
      connection, BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_AUTO_START, on_appeared, NULL, bus, NULL);
}

static void
start_bus (EditorPlaces *self, Bus *bus, GBusType type)
{
  bus->places = self;
  bus->type = type;
  g_bus_get (type, self->cancellable, on_bus, bus);
}

static void
stop_bus (Bus *bus)
{
  if (bus->connection == NULL)
    return;

  g_bus_unwatch_name (bus->watch);
  g_dbus_connection_signal_unsubscribe (bus->connection, bus->subscription);
  g_clear_object (&bus->connection);
}

static void
editor_places_finalize (GObject *object)
{
  EditorPlaces *self = EDITOR_PLACES (object);

  g_cancellable_cancel (self->cancellable);
  for (gsize i = 0; i < G_N_ELEMENTS (self->buses); i++)
    stop_bus (&self->buses[i]);
  g_object_unref (self->cancellable);
  g_ptr_array_unref (self->items);

  G_OBJECT_CLASS (editor_places_parent_class)->finalize (object);
}

static void
editor_places_class_init (EditorPlacesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = editor_places_finalize;
}

static void
editor_places_init (EditorPlaces *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->cancellable = g_cancellable_new ();
  start_bus (self, &self->buses[0], G_BUS_TYPE_SYSTEM);
  start_bus (self, &self->buses[1], G_BUS_TYPE_SESSION);
}

EditorPlaces *
editor_places_new (void)
{
  return g_object_new (EDITOR_TYPE_PLACES, NULL);
}
