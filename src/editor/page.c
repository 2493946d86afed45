/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/page.h"

typedef struct
{
  EditorPlace *place; /* (nullable) */
  char *path;
  GCancellable *cancellable; /* (nullable): of the calls for this place and path */
  gboolean is_stale;         /* the page has to be shown anew once it is on the screen */
} EditorPagePrivate;

enum
{
  PROP_PLACE = 1,
  PROP_PATH,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (EditorPage, editor_page, ADW_TYPE_BIN)

static EditorPagePrivate *
get_private (EditorPage *self)
{
  return editor_page_get_instance_private (self);
}

EditorPlace *
editor_page_get_place (EditorPage *self)
{
  return get_private (self)->place;
}

/* Returns: (transfer none) (nullable): the configuration of the place, once it was opened */
RunconfConfiguration *
editor_page_get_configuration (EditorPage *self)
{
  EditorPlace *place = get_private (self)->place;

  return place != NULL ? editor_place_get_configuration (place) : NULL;
}

const char *
editor_page_get_path (EditorPage *self)
{
  return get_private (self)->path;
}

static void
cancel (EditorPage *self)
{
  EditorPagePrivate *private = get_private (self);

  g_cancellable_cancel (private->cancellable);
  g_clear_object (&private->cancellable);
}

/* Cancels the calls that the page has made, because their replies are about something else by now.
 *
 * Returns: (transfer none): what cancels the next calls
 */
GCancellable *
editor_page_restart (EditorPage *self)
{
  EditorPagePrivate *private = get_private (self);

  cancel (self);
  private->cancellable = g_cancellable_new ();

  return private->cancellable;
}

/* A page that isn't on the screen makes no calls. */
static void
show (EditorPage *self)
{
  EditorPagePrivate *private = get_private (self);

  private->is_stale = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (!private->is_stale && editor_page_get_configuration (self) != NULL)
    EDITOR_PAGE_GET_CLASS (self)->show (self);
}

static void
on_changed (EditorPage *self, RunconfChange *change)
{
  EditorPagePrivate *private = get_private (self);

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
  private->is_stale = TRUE;
  else EDITOR_PAGE_GET_CLASS (self)->changed (self, change);
}

/* GTK 4.8 doesn't tell a screen reader which page of a stack is the visible one. */
static void
set_hidden (GtkWidget *widget, gboolean is_hidden)
{
  gtk_accessible_update_state (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_STATE_HIDDEN, is_hidden, -1);
}

static void
editor_page_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (editor_page_parent_class)->unmap (widget);

  set_hidden (widget, TRUE);
}

static void
editor_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (editor_page_parent_class)->map (widget);

  set_hidden (widget, FALSE);
  if (get_private (EDITOR_PAGE (widget))->is_stale)
    show (EDITOR_PAGE (widget));
}

static void
set_place (EditorPage *self, EditorPlace *place)
{
  EditorPagePrivate *private = get_private (self);

  if (private->place == place)
    return;

  cancel (self);
  if (private->place != NULL)
    g_signal_handlers_disconnect_by_data (private->place, self);
  g_set_object (&private->place, place);
  if (place == NULL)
    return;

  g_signal_connect_swapped (place, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (place, "notify::configuration", G_CALLBACK (show), self);
  show (self);
}

static void
set_path (EditorPage *self, const char *path)
{
  EditorPagePrivate *private = get_private (self);

  if (g_strcmp0 (private->path, path) == 0)
    return;

  g_free (private->path);
  private->path = g_strdup (path);
  show (self);
}

static void
editor_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  EditorPage *self = EDITOR_PAGE (object);

  switch (id)
    {
    case PROP_PLACE:
      set_place (self, g_value_get_object (value));
      break;
    case PROP_PATH:
      set_path (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
editor_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  EditorPage *self = EDITOR_PAGE (object);

  switch (id)
    {
    case PROP_PLACE:
      g_value_set_object (value, editor_page_get_place (self));
      break;
    case PROP_PATH:
      g_value_set_string (value, editor_page_get_path (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
editor_page_dispose (GObject *object)
{
  set_place (EDITOR_PAGE (object), NULL);

  G_OBJECT_CLASS (editor_page_parent_class)->dispose (object);
}

static void
editor_page_finalize (GObject *object)
{
  g_free (get_private (EDITOR_PAGE (object))->path);

  G_OBJECT_CLASS (editor_page_parent_class)->finalize (object);
}

static void
editor_page_class_init (EditorPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = editor_page_set_property;
  object_class->get_property = editor_page_get_property;
  object_class->dispose = editor_page_dispose;
  object_class->finalize = editor_page_finalize;
  GTK_WIDGET_CLASS (klass)->map = editor_page_map;
  GTK_WIDGET_CLASS (klass)->unmap = editor_page_unmap;

  properties[PROP_PLACE] = g_param_spec_object ("place", NULL, NULL, EDITOR_TYPE_PLACE, flags);
  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, "", flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
editor_page_init (EditorPage *self)
{
  get_private (self)->path = g_strdup ("");
  set_hidden (GTK_WIDGET (self), TRUE);
}
