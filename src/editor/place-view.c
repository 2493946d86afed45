/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/place-view.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#include "editor/basket-page.h"
#include "editor/focus.h"
#include "editor/history-page.h"
#include "editor/report.h"
#include "editor/revert.h"
#include "editor/text-page.h"
#include "editor/tree-view.h"
#include "editor/value-page.h"

struct _EditorPlaceView
{
  AdwBin parent_instance;

  GtkStack *stack;
  AdwStatusPage *status;
  GtkWidget *retry;
  GtkWidget *content;
  EditorTreeView *tree;
  AdwViewStack *pages;
  EditorPlace *place; /* (nullable) */
  char *wanted;       /* (nullable): the path to show once the place is open */
};

enum
{
  PROP_PLACE = 1,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (EditorPlaceView, editor_place_view, ADW_TYPE_BIN)

static const struct
{
  const char *icon;
  const char *title;
  const char *advice;
} states[] = {
  [EDITOR_PLACE_CLOSED] = { "system-search-symbolic", N_ ("No Configuration"),
                            N_ ("Choose a configuration in the list.") },
  [EDITOR_PLACE_OPENING] = { "content-loading-symbolic", N_ ("Opening…"), "" },
  [EDITOR_PLACE_GONE]
  = { "network-offline-symbolic", N_ ("Service Not Available"),
      N_ ("The service doesn’t serve this configuration now. Its values appear as soon as it does. "
          "“systemctl status runconfd” says whether the service runs.") },
  [EDITOR_PLACE_DENIED]
  = { "dialog-password-symbolic", N_ ("No Access"),
      N_ ("The bus doesn’t let you call the service. Ask your administrator.") },
  [EDITOR_PLACE_FAILED]
  = { "dialog-error-symbolic", N_ ("Can’t Be Opened"), N_ ("Mend the problem, and try again.") },
};

static EditorPlaceState
get_state (EditorPlaceView *self)
{
  return self->place != NULL ? editor_place_get_state (self->place) : EDITOR_PLACE_CLOSED;
}

static void
show_status (EditorPlaceView *self)
{
  EditorPlaceState state = get_state (self);
  const char *advice = states[state].advice;
  const char *message = self->place != NULL ? editor_place_get_message (self->place) : "";
  g_autofree char *plain = g_strjoin (*message != '\0' ? "\n\n" : "",
                                      *advice != '\0' ? _ (advice) : "", message, NULL);
  g_autofree char *text = g_markup_escape_text (plain, -1);

  adw_status_page_set_icon_name (self->status, states[state].icon);
  adw_status_page_set_title (self->status, _ (states[state].title));
  adw_status_page_set_description (self->status, text);
  gtk_widget_set_visible (
      self->retry,
      state == EDITOR_PLACE_FAILED || state == EDITOR_PLACE_DENIED
          || (state == EDITOR_PLACE_GONE && editor_place_get_configuration (self->place) == NULL));
}

static void
show_wanted (EditorPlaceView *self)
{
  g_autofree char *path = g_steal_pointer (&self->wanted);

  if (path != NULL)
    editor_tree_view_reveal (self->tree, path);
}

static void
on_state (EditorPlaceView *self)
{
  gboolean is_open = get_state (self) == EDITOR_PLACE_OPEN;

  if (is_open)
    show_wanted (self);
  else
    show_status (self);
  gtk_stack_set_visible_child (self->stack, is_open ? self->content : GTK_WIDGET (self->status));
  /* GTK 4.8 doesn't tell a screen reader which child of a stack is the visible one */
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->content), GTK_ACCESSIBLE_STATE_HIDDEN,
                               !is_open, -1);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->status), GTK_ACCESSIBLE_STATE_HIDDEN, is_open,
                               -1);
}

static void
on_retry (EditorPlaceView *self)
{
  editor_place_open (self->place);
}

static char *
make_report (EditorDirection direction, guint64 version)
{
  if (version == 0)
    return g_strdup (direction == EDITOR_DIRECTION_UNDO ? _ ("There is nothing to undo.")
                                                        : _ ("There is nothing to redo."));

  return g_strdup_printf (_ ("Version %" PRIu64 " was reverted."), version);
}

static void
report (EditorPlaceView *self, EditorDirection direction, EditorPlace *place, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  guint64 version = editor_revert_finish (place, result, &error);
  g_autofree char *text
      = error != NULL ? g_strdup (error->message) : make_report (direction, version);

  editor_report (self->content, text);
}

static void
on_undone (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorPlaceView) self = user_data;

  report (self, EDITOR_DIRECTION_UNDO, EDITOR_PLACE (object), result);
}

static void
on_redone (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorPlaceView) self = user_data;

  report (self, EDITOR_DIRECTION_REDO, EDITOR_PLACE (object), result);
}

static void
on_undo (GtkWidget *widget, const char *name, GVariant *parameter)
{
  EditorPlaceView *self = EDITOR_PLACE_VIEW (widget);

  if (get_state (self) == EDITOR_PLACE_OPEN)
    editor_revert_own (self->place, EDITOR_DIRECTION_UNDO, on_undone, g_object_ref (self));
}

static void
on_redo (GtkWidget *widget, const char *name, GVariant *parameter)
{
  EditorPlaceView *self = EDITOR_PLACE_VIEW (widget);

  if (get_state (self) == EDITOR_PLACE_OPEN)
    editor_revert_own (self->place, EDITOR_DIRECTION_REDO, on_redone, g_object_ref (self));
}

static void
set_place (EditorPlaceView *self, EditorPlace *place)
{
  if (self->place == place)
    return;

  if (self->place != NULL)
    g_signal_handlers_disconnect_by_data (self->place, self);
  g_set_object (&self->place, place);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PLACE]);
  if (place == NULL)
    return;

  g_signal_connect_swapped (place, "notify::state", G_CALLBACK (on_state), self);
  g_signal_connect_swapped (place, "notify::message", G_CALLBACK (on_state), self);
  editor_place_open (place);
}

/* A page leads to another path. */
static void
on_reveal (GtkWidget *widget, const char *action, GVariant *path)
{
  editor_tree_view_reveal (EDITOR_PLACE_VIEW (widget)->tree, g_variant_get_string (path, NULL));
}

/* @path: (nullable): the path to select; without one, a place that is shown already keeps its own */
void
editor_place_view_show (EditorPlaceView *self, EditorPlace *place, const char *path)
{
  if (path != NULL || place != self->place)
    {
      g_free (self->wanted);
      self->wanted = g_strdup (path);
    }
  set_place (self, place);
  on_state (self);
}

/* Returns: the type of the page of that name */
static GType
get_page_type (const char *name)
{
  if (strcmp (name, "basket") == 0)
    return EDITOR_TYPE_BASKET_PAGE;
  if (strcmp (name, "history") == 0)
    return EDITOR_TYPE_HISTORY_PAGE;

  return EDITOR_TYPE_TEXT_PAGE;
}

/* A page that has no control of its choice has the focus at its first one. */
static void
focus_page (EditorPlaceView *self)
{
  GtkWidget *shown = adw_view_stack_get_visible_child (self->pages);
  GtkWidget *page = EDITOR_IS_PAGE (shown) ? shown : adw_bin_get_child (ADW_BIN (shown));

  if (!gtk_widget_grab_focus (page))
    gtk_widget_child_focus (page, GTK_DIR_TAB_FORWARD);
}

/* Returns: whether the focus was on the page before, so that the stack has moved it if there was a place for it */
static gboolean
has_lost_focus (EditorPlaceView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return root != NULL
         && (gtk_root_get_focus (root) == NULL || editor_focus_is_in (GTK_WIDGET (self->pages)));
}

/* All pages but the one of the value are made when they are first shown: most windows are closed without
 * them, and an editor of texts takes megabytes.
 */
static void
make_page (EditorPlaceView *self)
{
  AdwBin *bin = ADW_BIN (adw_view_stack_get_visible_child (self->pages));
  GtkWidget *page;

  if (adw_bin_get_child (bin) != NULL)
    return;

  page = g_object_new (get_page_type (adw_view_stack_get_visible_child_name (self->pages)), NULL);
  g_object_bind_property (self, "place", page, "place", G_BINDING_SYNC_CREATE);
  g_object_bind_property (self->tree, "path", page, "path", G_BINDING_SYNC_CREATE);
  adw_bin_set_child (bin, page);
  if (has_lost_focus (self))
    focus_page (self);
}

static void
on_find (GtkWidget *widget, const char *name, GVariant *parameter)
{
  editor_tree_view_find (EDITOR_PLACE_VIEW (widget)->tree);
}

/* The parts of the view that the keys go between. */
typedef enum
{
  PART_SEARCH,
  PART_LIST,
  PART_PAGE,
  N_PARTS,
} Part;

/* Returns: the part with the focus; the list of configurations and the title are none */
static Part
find_part (EditorPlaceView *self)
{
  if (editor_focus_is_in (GTK_WIDGET (self->pages)))
    return PART_PAGE;
  if (editor_tree_view_is_list_focused (self->tree))
    return PART_LIST;

  return editor_focus_is_in (GTK_WIDGET (self->tree)) ? PART_SEARCH : N_PARTS;
}

static void
focus_part (EditorPlaceView *self, Part part)
{
  switch (part)
    {
    case PART_SEARCH:
      editor_tree_view_find (self->tree);
      break;
    case PART_LIST:
      editor_tree_view_focus_list (self->tree);
      break;
    default:
      focus_page (self);
    }
}

static void
on_next_part (GtkWidget *widget, const char *name, GVariant *parameter)
{
  static const Part next[] = { PART_LIST, PART_PAGE, PART_SEARCH, PART_LIST };
  EditorPlaceView *self = EDITOR_PLACE_VIEW (widget);

  focus_part (self, next[find_part (self)]);
}

static void
on_last_part (GtkWidget *widget, const char *name, GVariant *parameter)
{
  static const Part last[] = { PART_PAGE, PART_SEARCH, PART_LIST, PART_PAGE };
  EditorPlaceView *self = EDITOR_PLACE_VIEW (widget);

  focus_part (self, last[find_part (self)]);
}

/* Enter in the tree leads to the control of the value. */
static void
on_edit (GtkWidget *widget, const char *name, GVariant *parameter)
{
  EditorPlaceView *self = EDITOR_PLACE_VIEW (widget);

  adw_view_stack_set_visible_child_name (self->pages, "value");
  focus_part (self, PART_PAGE);
}

static void
on_page (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_view_stack_set_visible_child_name (EDITOR_PLACE_VIEW (widget)->pages,
                                         g_variant_get_string (parameter, NULL));
}

static void
editor_place_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_PLACE:
      g_value_set_object (value, EDITOR_PLACE_VIEW (object)->place);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
editor_place_view_dispose (GObject *object)
{
  EditorPlaceView *self = EDITOR_PLACE_VIEW (object);

  set_place (self, NULL);
  g_clear_pointer (&self->wanted, g_free);

  G_OBJECT_CLASS (editor_place_view_parent_class)->dispose (object);
}

static void
editor_place_view_class_init (EditorPlaceViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = editor_place_view_get_property;
  object_class->dispose = editor_place_view_dispose;

  properties[PROP_PLACE] = g_param_spec_object ("place", NULL, NULL, EDITOR_TYPE_PLACE,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  g_type_ensure (EDITOR_TYPE_TREE_VIEW);
  g_type_ensure (EDITOR_TYPE_VALUE_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/place-view.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorPlaceView, stack);
  gtk_widget_class_bind_template_child (widget_class, EditorPlaceView, status);
  gtk_widget_class_bind_template_child (widget_class, EditorPlaceView, retry);
  gtk_widget_class_bind_template_child (widget_class, EditorPlaceView, content);
  gtk_widget_class_bind_template_child (widget_class, EditorPlaceView, tree);
  gtk_widget_class_bind_template_callback (widget_class, make_page);
  gtk_widget_class_bind_template_callback (widget_class, on_retry);
  gtk_widget_class_bind_template_child (widget_class, EditorPlaceView, pages);
  gtk_widget_class_install_action (widget_class, "place.find", NULL, on_find);
  gtk_widget_class_install_action (widget_class, "place.edit", NULL, on_edit);
  gtk_widget_class_install_action (widget_class, "place.last-part", NULL, on_last_part);
  gtk_widget_class_install_action (widget_class, "place.next-part", NULL, on_next_part);
  gtk_widget_class_install_action (widget_class, "place.page", "s", on_page);
  gtk_widget_class_install_action (widget_class, "place.redo", NULL, on_redo);
  gtk_widget_class_install_action (widget_class, "place.reveal", "s", on_reveal);
  gtk_widget_class_install_action (widget_class, "place.undo", NULL, on_undo);
}

static void
editor_place_view_init (EditorPlaceView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  on_state (self);
}
