/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/mapping-view.h"

#include <string.h>

#include <glib/gi18n.h>

#include "editor/draft.h"
#include "editor/path.h"
#include "editor/row.h"
#include "editor/scalar.h"
#include "editor/tab-stop.h"
#include "editor/value-text.h"

/* rows at most; the tree has all */
#define ROWS_MAX 100

struct _EditorMappingView
{
  AdwBin parent_instance;

  GtkListBox *list;
  GtkLabel *rest;
  GtkWidget *adding;
  GtkEditable *key;
  GtkEditable *value;
  GtkWidget *add;
  GtkLabel *problem;
  EditorPlace *place; /* (nullable) */
  char *path;
  GPtrArray *paths;   /* of the rows */
  EditorDraft *draft; /* (nullable): of the new key */
  gboolean is_boot;   /* a new key is one for this boot */
};

enum
{
  PROP_IS_BOOT = 1,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (EditorMappingView, editor_mapping_view, ADW_TYPE_BIN)

static void
show_problem (EditorMappingView *self, const char *problem)
{
  gtk_label_set_text (self->problem, problem);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), *problem != '\0');
}

static void
on_row (EditorMappingView *self, GtkListBoxRow *row)
{
  guint position = (guint) gtk_list_box_row_get_index (row);

  if (position < self->paths->len)
    gtk_widget_activate_action (GTK_WIDGET (self), "place.reveal", "s",
                                self->paths->pdata[position]);
}

static GtkWidget *
make_suffix (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 30);
  gtk_widget_add_css_class (label, "dim-label");

  return label;
}

static GtkWidget *
make_arrow (void)
{
  return g_object_new (GTK_TYPE_IMAGE, "icon-name", "go-next-symbolic", "accessible-role",
                       GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
}

/* Takes ownership of @path. */
static void
append (EditorMappingView *self, const char *key, const char *text, char *path)
{
  GtkWidget *row = editor_row_new (key, "");
  /* Translators: a key and its value, for a screen reader */
  g_autofree char *name = g_strdup_printf (_ ("%s: %s"), key, text);

  adw_action_row_add_suffix (ADW_ACTION_ROW (row), make_suffix (text));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), make_arrow ());
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  editor_row_name (row, name);
  gtk_list_box_append (self->list, row);
  g_ptr_array_add (self->paths, path);
}

static void
append_key (EditorMappingView *self, RunconfSnapshot *snapshot, const char *key)
{
  g_autofree char *path = editor_path_append (self->path, key);
  g_autoptr (GVariant) value = runconf_snapshot_get_value (snapshot, path);
  g_autofree char *text = value != NULL ? editor_value_to_line (value) : g_strdup ("");

  append (self, key, text, g_steal_pointer (&path));
}

static void
append_keys (EditorMappingView *self)
{
  g_autoptr (RunconfSnapshot) snapshot
      = runconf_configuration_get_snapshot (editor_place_get_configuration (self->place));
  g_auto (GStrv) keys = runconf_snapshot_list (snapshot, self->path);
  guint n = keys != NULL ? g_strv_length (keys) : 0;
  g_autofree char *rest = g_strdup_printf (_ ("The tree has all %u keys."), n);

  for (guint i = 0; i < MIN (n, ROWS_MAX); i++)
    append_key (self, snapshot, keys[i]);
  gtk_label_set_text (self->rest, rest);
  gtk_widget_set_visible (GTK_WIDGET (self->rest), n > ROWS_MAX);
}

/* The snapshot has no secrets, so that this is the way to their pages. */
static void
append_secrets (EditorMappingView *self, RunconfDescription *description)
{
  g_autoptr (GVariant) hidden = runconf_description_lookup (description, "hidden");
  gsize n = hidden != NULL ? g_variant_n_children (hidden) : 0;

  for (gsize i = 0; i < MIN (n, ROWS_MAX); i++)
    {
      const char *path;

      g_variant_get_child (hidden, i, "&s", &path);
      append (self, path + strlen (self->path) + 1, _ ("Secret"), g_strdup (path));
    }
}

void
editor_mapping_view_show (EditorMappingView *self, EditorPlace *place,
                          RunconfDescription *description)
{
  g_set_object (&self->place, place);
  g_free (self->path);
  self->path = g_strdup (runconf_description_get_path (description));

  editor_rows_remove (self->list);
  g_ptr_array_set_size (self->paths, 0);
  append_keys (self);
  append_secrets (self, description);
  gtk_widget_set_visible (self->adding, runconf_description_get_lock (description) == NULL);
}

static void
on_new (EditorMappingView *self)
{
  gtk_widget_set_sensitive (self->add, *gtk_editable_get_text (self->key) != '\0');
  show_problem (self, "");
}

/* The service has answered: the key is in the basket, or there is a problem. */
static void
on_draft (EditorMappingView *self)
{
  const char *problem = editor_draft_get_problem (self->draft);
  EditorBasket *basket = editor_place_get_basket (self->place);

  show_problem (self, problem);
  if (*problem == '\0'
      && editor_basket_lookup (basket, editor_draft_get_path (self->draft)) != NULL)
    {
      gtk_editable_set_text (self->key, "");
      gtk_editable_set_text (self->value, "");
      gtk_widget_grab_focus (GTK_WIDGET (self->key));
    }
}

static void
set_draft (EditorMappingView *self, EditorDraft *draft)
{
  if (self->draft != NULL)
    g_signal_handlers_disconnect_by_data (self->draft, self);
  g_set_object (&self->draft, draft);
  if (draft != NULL)
    g_signal_connect_swapped (draft, "notify::is-open", G_CALLBACK (on_draft), self);
}

static void
on_add (EditorMappingView *self)
{
  g_autofree char *path = editor_path_append (self->path, gtk_editable_get_text (self->key));
  g_autoptr (GVariant) value
      = editor_scalar_read (gtk_editable_get_text (self->value), EDITOR_VALUE_ANY, NULL);
  g_autoptr (EditorDraft) draft = NULL;
  g_autoptr (EditorPending) pending = NULL;

  if (*gtk_editable_get_text (self->key) == '\0')
    return;

  draft = editor_draft_new (self->place, path);
  pending = editor_pending_new (EDITOR_VERB_SET, path, value,
                                self->is_boot ? EDITOR_PENDING_BOOT : EDITOR_PENDING_DEFAULT);
  set_draft (self, draft);
  editor_draft_try (draft, pending);
}

static gboolean
editor_mapping_view_grab_focus (GtkWidget *widget)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (EDITOR_MAPPING_VIEW (widget)->list, 0);

  return row != NULL && gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
editor_mapping_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_IS_BOOT:
      EDITOR_MAPPING_VIEW (object)->is_boot = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
editor_mapping_view_dispose (GObject *object)
{
  EditorMappingView *self = EDITOR_MAPPING_VIEW (object);

  set_draft (self, NULL);
  g_clear_object (&self->place);

  G_OBJECT_CLASS (editor_mapping_view_parent_class)->dispose (object);
}

static void
editor_mapping_view_finalize (GObject *object)
{
  EditorMappingView *self = EDITOR_MAPPING_VIEW (object);

  g_free (self->path);
  g_ptr_array_unref (self->paths);

  G_OBJECT_CLASS (editor_mapping_view_parent_class)->finalize (object);
}

static void
editor_mapping_view_class_init (EditorMappingViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = editor_mapping_view_set_property;
  object_class->dispose = editor_mapping_view_dispose;
  object_class->finalize = editor_mapping_view_finalize;
  widget_class->grab_focus = editor_mapping_view_grab_focus;

  properties[PROP_IS_BOOT] = g_param_spec_boolean ("is-boot", NULL, NULL, FALSE,
                                                   G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  g_type_ensure (EDITOR_TYPE_TAB_STOP);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/mapping-view.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorMappingView, list);
  gtk_widget_class_bind_template_child (widget_class, EditorMappingView, rest);
  gtk_widget_class_bind_template_child (widget_class, EditorMappingView, adding);
  gtk_widget_class_bind_template_child (widget_class, EditorMappingView, key);
  gtk_widget_class_bind_template_child (widget_class, EditorMappingView, value);
  gtk_widget_class_bind_template_child (widget_class, EditorMappingView, add);
  gtk_widget_class_bind_template_child (widget_class, EditorMappingView, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_row);
  gtk_widget_class_bind_template_callback (widget_class, on_new);
  gtk_widget_class_bind_template_callback (widget_class, on_add);
}

static void
editor_mapping_view_init (EditorMappingView *self)
{
  self->path = g_strdup ("");
  self->paths = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
}
