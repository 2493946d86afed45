/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/text-page.h"

#include <string.h>

#include <glib/gi18n.h>
#include <gtksourceview/gtksource.h>

#include "editor/accessible.h"
#include "editor/dry-run.h"
#include "editor/key-provider.h"
#include "editor/merge-lines.h"
#include "editor/mistake.h"
#include "editor/screen-reader.h"

/* ms after a key press until the text is checked */
#define CHECK_DELAY 150

/* how often a save is tried again because of changes by others meanwhile */
#define TRIES_MAX 10

#define DRAFT "editor-draft"

struct _EditorTextPage
{
  EditorPage parent_instance;

  GtkSourceView *view;
  GtkDropDown *layer;
  GtkLabel *note;
  GtkLabel *problem;
  GtkWidget *unlock;
  GtkWidget *discard;

  EditorPlace *shown;   /* (nullable): the place whose text this is */
  char *base;           /* the text that the changes began with */
  gboolean has_secrets; /* the user asked for them */
  gboolean is_loading;  /* the buffer is being filled */
  guint check_timeout;
  GCancellable *check; /* (nullable): of the last dry run */
  guint n_tries;       /* of the save that is going on */
  guint64 version;     /* that the save builds on */
};

G_DEFINE_FINAL_TYPE (EditorTextPage, editor_text_page, EDITOR_TYPE_PAGE)

/* A text that isn't saved, while another place is on the screen. */
typedef struct
{
  char *base;
  char *text;
} Draft;

static void
draft_free (gpointer data)
{
  Draft *draft = data;

  g_free (draft->base);
  g_free (draft->text);
  g_free (draft);
}

static GtkTextBuffer *
get_buffer (EditorTextPage *self)
{
  return gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view));
}

static char *
dup_text (EditorTextPage *self)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (get_buffer (self), &start, &end);

  return gtk_text_buffer_get_text (get_buffer (self), &start, &end, TRUE);
}

static gboolean
is_of_defaults (EditorTextPage *self)
{
  return gtk_drop_down_get_selected (self->layer) == 1;
}

static gboolean
is_modified (EditorTextPage *self)
{
  return gtk_text_buffer_get_modified (get_buffer (self));
}

static void
set_problem (EditorTextPage *self, const char *problem)
{
  gtk_label_set_text (self->problem, problem);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), *problem != '\0');
}

static void
update_buttons (EditorTextPage *self)
{
  gtk_widget_set_sensitive (self->discard, is_modified (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "text.save", is_modified (self));
}

static void
clear_mistakes (EditorTextPage *self)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (get_buffer (self), &start, &end);
  gtk_text_buffer_remove_tag_by_name (get_buffer (self), "mistake", &start, &end);
  set_problem (self, "");
}

static void
underline (EditorTextPage *self, int line)
{
  GtkTextIter start, end;

  if (line < 0 || !gtk_text_buffer_get_iter_at_line (get_buffer (self), &start, line))
    return;

  end = start;
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);
  gtk_text_buffer_apply_tag_by_name (get_buffer (self), "mistake", &start, &end);
}

/* Shows a message of the service about the text. */
static void
show_mistake (EditorTextPage *self, const char *message)
{
  g_autofree char *text = dup_text (self);

  clear_mistakes (self);
  underline (self, editor_mistake_find_line (message, text));
  set_problem (self, message);
}

static void
on_checked (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorTextPage) self = user_data;
  g_autofree char *refusal = NULL;

  if (!editor_dry_run_finish (RUNCONF_CONFIGURATION (object), result, &refusal))
    return;

  if (*refusal == '\0')
    clear_mistakes (self);
  else
    show_mistake (self, refusal);
}

static void
stop_check (EditorTextPage *self)
{
  g_clear_handle_id (&self->check_timeout, g_source_remove);
  g_cancellable_cancel (self->check);
  g_clear_object (&self->check);
}

static gboolean
check (gpointer user_data)
{
  EditorTextPage *self = user_data;
  RunconfConfiguration *configuration = editor_page_get_configuration (EDITOR_PAGE (self));
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autofree char *text = dup_text (self);

  self->check_timeout = 0;
  if (configuration == NULL)
    return G_SOURCE_REMOVE;

  self->check = g_cancellable_new ();
  runconf_transaction_replace_text (transaction, text);
  editor_dry_run_start (configuration, transaction, self->check, on_checked, g_object_ref (self));

  return G_SOURCE_REMOVE;
}

static void
on_buffer_changed (EditorTextPage *self)
{
  update_buttons (self);
  if (self->is_loading)
    return;

  stop_check (self);
  self->check_timeout = g_timeout_add (CHECK_DELAY, check, self);
}

/* Fills the buffer, in which nothing is changed after that. */
static void
set_text (EditorTextPage *self, const char *text)
{
  g_autofree char *old = dup_text (self);

  stop_check (self);
  clear_mistakes (self);
  self->is_loading = TRUE;
  if (strcmp (old, text) != 0)
    gtk_text_buffer_set_text (get_buffer (self), text, -1);
  self->is_loading = FALSE;
  gtk_text_buffer_set_modified (get_buffer (self), FALSE);
  update_buttons (self);
}

/* A text with secrets comes without them, and without the key of the service. If it were saved, the
 * secrets would be gone.
 */
static gboolean
is_partial (EditorTextPage *self, const char *text)
{
  EditorSecrets *secrets = editor_place_get_secrets (self->shown);

  return !self->has_secrets && *text != '\0' && strstr (text, "_runtime_config:") == NULL
         && !editor_secrets_is_empty (secrets);
}

static void
show_text (EditorTextPage *self, const char *text)
{
  gboolean is_readonly = is_of_defaults (self), has_no_secrets;

  g_free (self->base);
  /* an empty text begins without brackets */
  self->base = g_strdup (strcmp (text, "{}\n") == 0 ? "" : text);
  set_text (self, self->base);
  has_no_secrets = !is_readonly && is_partial (self, self->base);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (self->view), !is_readonly && !has_no_secrets);
  gtk_widget_set_visible (self->unlock, has_no_secrets);
  gtk_label_set_text (self->note, is_readonly ? _ ("The service never writes the defaults.")
                                  : has_no_secrets
                                      ? _ ("The text can’t be edited without its secrets.")
                                      : "");
}

static void
on_dumped (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorTextPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text
      = runconf_configuration_dump_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (text != NULL)
    show_text (self, text);
  else
    set_problem (self, error->message);
  self->has_secrets = self->has_secrets && text != NULL;
}

static void
dump (EditorTextPage *self, RunconfLayer layer, GAsyncReadyCallback callback)
{
  EditorPage *page = EDITOR_PAGE (self);

  runconf_configuration_dump (editor_page_get_configuration (page), "", layer, RUNCONF_FORMAT_YAML,
                              self->has_secrets ? RUNCONF_DUMP_SECRETS : RUNCONF_DUMP_NONE,
                              G_MAXUINT64, editor_page_restart (page), callback,
                              g_object_ref (self));
}

static void
load (EditorTextPage *self)
{
  dump (self, is_of_defaults (self) ? RUNCONF_LAYER_DEFAULTS : RUNCONF_LAYER_OVERRIDES, on_dumped);
}

/* Keeps a text that isn't saved for the time when its place is shown again. */
static void
keep_draft (EditorTextPage *self)
{
  Draft *draft;

  if (self->shown == NULL || !is_modified (self))
    return;

  draft = g_new (Draft, 1);
  draft->base = g_strdup (self->base);
  draft->text = dup_text (self);
  g_object_set_data_full (G_OBJECT (self->shown), DRAFT, draft, draft_free);
}

static gboolean
take_draft (EditorTextPage *self)
{
  Draft *draft = g_object_steal_data (G_OBJECT (self->shown), DRAFT);

  if (draft == NULL)
    return FALSE;

  show_text (self, draft->base);
  gtk_text_buffer_set_text (get_buffer (self), draft->text, -1);
  draft_free (draft);

  return TRUE;
}

static void
take_place (EditorTextPage *self, EditorPlace *place)
{
  if (self->shown == place)
    return;

  keep_draft (self);
  g_set_object (&self->shown, place);
  self->has_secrets = FALSE;
  set_text (self, "");
  gtk_drop_down_set_selected (self->layer, 0);
}

static void
editor_text_page_show (EditorPage *page)
{
  EditorTextPage *self = EDITOR_TEXT_PAGE (page);

  take_place (self, editor_page_get_place (page));
  if (!take_draft (self) && !is_modified (self))
    load (self);
}

static void
editor_text_page_changed (EditorPage *page, RunconfChange *change)
{
  EditorTextPage *self = EDITOR_TEXT_PAGE (page);

  if (is_modified (self))
    gtk_label_set_text (self->note,
                        _ ("Values were changed meanwhile. A save keeps both changes."));
  else
    load (self);
}

static void
on_layer (EditorTextPage *self)
{
  if (self->shown == NULL || editor_page_get_configuration (EDITOR_PAGE (self)) == NULL)
    return;

  if (is_of_defaults (self))
    keep_draft (self);
  gtk_text_buffer_set_modified (get_buffer (self), FALSE);
  if (is_of_defaults (self) || !take_draft (self))
    load (self);
}

static void
on_unlock (EditorTextPage *self)
{
  self->has_secrets = TRUE;
  load (self);
}

static void
on_discard (EditorTextPage *self)
{
  gtk_text_buffer_set_modified (get_buffer (self), FALSE);
  load (self);
}

static void start_save (EditorTextPage *self);

static void
on_saved (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorTextPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) changed
      = runconf_configuration_apply_finish (RUNCONF_CONFIGURATION (object), result, NULL, &error);

  gtk_text_view_set_editable (GTK_TEXT_VIEW (self->view), TRUE);
  if (error == NULL)
    on_discard (self);
  else if (g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH)
           && ++self->n_tries < TRIES_MAX)
    start_save (self);
  else
    show_mistake (self, error->message);
}

static void
write_text (EditorTextPage *self, const char *text)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();

  runconf_transaction_replace_text (transaction, text);
  runconf_transaction_set_if_version (transaction, self->version);
  runconf_configuration_apply (editor_page_get_configuration (EDITOR_PAGE (self)), transaction,
                               NULL, on_saved, g_object_ref (self));
}

/* Shows both changes of the same lines, for a decision. */
static void
show_conflict (EditorTextPage *self, const char *merged, const char *current)
{
  g_free (self->base);
  self->base = g_strdup (current);
  gtk_text_buffer_set_text (get_buffer (self), merged, -1);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (self->view), TRUE);
  gtk_label_set_text (self->note,
                      _ ("The same lines were changed meanwhile. Keep one version of them, remove "
                         "the marks, and save again."));
}

static void
on_current (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorTextPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *current
      = runconf_configuration_dump_finish (RUNCONF_CONFIGURATION (object), result, &error);
  g_autofree char *text = dup_text (self);
  g_autofree char *merged = NULL;
  gboolean has_conflicts = FALSE;

  if (current == NULL)
    {
      gtk_text_view_set_editable (GTK_TEXT_VIEW (self->view), TRUE);
      set_problem (self, error->message);
      return;
    }

  if (strcmp (current, "{}\n") == 0)
    *current = '\0';
  merged = editor_merge_lines (self->base, text, current, &has_conflicts);
  if (has_conflicts)
    show_conflict (self, merged, current);
  else
    write_text (self, merged);
}

/* Nobody types while the text is saved. */
static void
start_save (EditorTextPage *self)
{
  stop_check (self);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (self->view), FALSE);
  self->version
      = runconf_configuration_get_version (editor_page_get_configuration (EDITOR_PAGE (self)));
  dump (self, RUNCONF_LAYER_OVERRIDES, on_current);
}

static void
on_save (GtkWidget *widget, const char *name, GVariant *parameter)
{
  EditorTextPage *self = EDITOR_TEXT_PAGE (widget);

  self->n_tries = 0;
  start_save (self);
}

static void
update_scheme (EditorTextPage *self)
{
  gboolean is_dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  GtkSourceStyleSchemeManager *schemes = gtk_source_style_scheme_manager_get_default ();

  gtk_source_buffer_set_style_scheme (
      GTK_SOURCE_BUFFER (get_buffer (self)),
      gtk_source_style_scheme_manager_get_scheme (schemes, is_dark ? "Adwaita-dark" : "Adwaita"));
}

static void
add_completion (EditorTextPage *self)
{
  g_autoptr (GtkSourceCompletionProvider) provider = editor_key_provider_new (EDITOR_PAGE (self));

  gtk_source_completion_add_provider (gtk_source_view_get_completion (self->view), provider);
}

static gboolean
editor_text_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (EDITOR_TEXT_PAGE (widget)->view));
}

static void
editor_text_page_dispose (GObject *object)
{
  EditorTextPage *self = EDITOR_TEXT_PAGE (object);

  stop_check (self);
  g_clear_object (&self->shown);

  G_OBJECT_CLASS (editor_text_page_parent_class)->dispose (object);
}

static void
editor_text_page_finalize (GObject *object)
{
  g_free (EDITOR_TEXT_PAGE (object)->base);

  G_OBJECT_CLASS (editor_text_page_parent_class)->finalize (object);
}

static void
editor_text_page_class_init (EditorTextPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = editor_text_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = editor_text_page_finalize;
  EDITOR_PAGE_CLASS (klass)->show = editor_text_page_show;
  EDITOR_PAGE_CLASS (klass)->changed = editor_text_page_changed;
  widget_class->grab_focus = editor_text_page_grab_focus;

  g_type_ensure (GTK_SOURCE_TYPE_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/text-page.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorTextPage, view);
  gtk_widget_class_bind_template_child (widget_class, EditorTextPage, layer);
  gtk_widget_class_bind_template_child (widget_class, EditorTextPage, note);
  gtk_widget_class_bind_template_child (widget_class, EditorTextPage, problem);
  gtk_widget_class_bind_template_child (widget_class, EditorTextPage, unlock);
  gtk_widget_class_bind_template_child (widget_class, EditorTextPage, discard);
  gtk_widget_class_bind_template_callback (widget_class, on_layer);
  gtk_widget_class_bind_template_callback (widget_class, on_unlock);
  gtk_widget_class_bind_template_callback (widget_class, on_discard);
  gtk_widget_class_install_action (widget_class, "text.save", NULL, on_save);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "text.save",
                                       NULL);
}

static void
editor_text_page_init (EditorTextPage *self)
{
  GtkSourceLanguageManager *manager = gtk_source_language_manager_get_default ();

  self->base = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_source_buffer_set_language (GTK_SOURCE_BUFFER (get_buffer (self)),
                                  gtk_source_language_manager_get_language (manager, "yaml"));
  gtk_text_buffer_create_tag (get_buffer (self), "mistake", "underline", PANGO_UNDERLINE_ERROR,
                              NULL);
  g_signal_connect_swapped (get_buffer (self), "changed", G_CALLBACK (on_buffer_changed), self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (update_scheme), self, G_CONNECT_SWAPPED);
  editor_accessible_name_button (GTK_WIDGET (self->layer), _ ("Text to show"));
  editor_accessible_name_rows (self->layer);
  add_completion (self);
  editor_screen_reader_guard (GTK_SOURCE_BUFFER (get_buffer (self)));
  update_scheme (self);
  update_buttons (self);
}
