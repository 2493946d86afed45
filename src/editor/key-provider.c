/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/key-provider.h"

#include <string.h>

#include "editor/key-choices.h"
#include "editor/key-place.h"
#include "editor/path.h"
#include "editor/row.h"

/* Completes a text of overrides at the place of the cursor: the keys that the configuration has there,
 * with those of secrets, the keys that the schema names, and the values that it names.
 */

/* pixels between a key and its note */
#define NOTE_MARGIN 18

#define EDITOR_TYPE_KEY_PROVIDER (editor_key_provider_get_type ())
G_DECLARE_FINAL_TYPE (EditorKeyProvider, editor_key_provider, EDITOR, KEY_PROVIDER, GObject)

struct _EditorKeyProvider
{
  GObject parent_instance;

  EditorPage *page;    /* (nullable) (unowned): it owns the view that owns the provider */
  GListModel *choices; /* (nullable): those at the place of the last completion */
};

/* The place of the cursor in the text. */
typedef struct
{
  GtkTextIter start; /* of the word at the cursor */
  GtkTextIter cursor;
  gboolean is_value; /* the word is a value, and not a key */
  char *path;        /* (nullable): of the value, or of the mapping that the key belongs to */
} Spot;

static void
spot_clear (Spot *spot)
{
  g_free (spot->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Spot, spot_clear)

/* Returns: whether something can be completed there */
static gboolean
find_spot (GtkSourceCompletionContext *context, Spot *spot)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (gtk_source_completion_context_get_buffer (context));
  g_autofree char *parent = NULL;
  g_autofree char *key = NULL;

  gtk_text_buffer_get_iter_at_mark (buffer, &spot->cursor, gtk_text_buffer_get_insert (buffer));
  if (!editor_key_place_find_start (&spot->cursor, &spot->start))
    {
      key = editor_key_place_find_value (&spot->cursor, &spot->start);
      spot->is_value = TRUE;
    }
  parent = editor_key_place_dup_parent (&spot->cursor);
  if (parent == NULL || (spot->is_value && key == NULL))
    return FALSE;

  spot->path = spot->is_value ? editor_path_append (parent, key) : g_steal_pointer (&parent);

  return TRUE;
}

/* Returns: (transfer full): the path, or the nearest one above it that has a value */
static char *
find_present (RunconfConfiguration *configuration, const char *path)
{
  char *present = g_strdup (path);

  while (*present != '\0' && !runconf_configuration_has (configuration, present))
    *strrchr (present, '/') = '\0';

  return present;
}

/* Returns: (transfer full): the keys that have values, also those of secrets */
static char **
list_present (EditorKeyProvider *self, const char *parent)
{
  EditorSecrets *secrets = editor_place_get_secrets (editor_page_get_place (self->page));

  return editor_secrets_add_keys (
      secrets, parent,
      runconf_configuration_list (editor_page_get_configuration (self->page), parent));
}

static void
take_choices (EditorKeyProvider *self, const Spot *spot, RunconfDescription *description)
{
  g_clear_object (&self->choices);
  if (spot->is_value)
    self->choices = editor_key_choices_list_values (spot->path, description);
  else
    {
      g_auto (GStrv) present = list_present (self, spot->path);

      self->choices = editor_key_choices_list_keys (spot->path, present, description);
    }
}

/* Returns: (transfer full): the choices that begin as the word at the cursor does */
static GListModel *
filter (EditorKeyProvider *self, const Spot *spot)
{
  g_autofree char *begin = gtk_text_iter_get_text (&spot->start, &spot->cursor);

  return editor_key_choices_filter (self->choices, begin);
}

static void
finish (GTask *task, RunconfDescription *description)
{
  EditorKeyProvider *self = g_task_get_source_object (task);
  g_auto (Spot) spot = { 0 };
  g_autoptr (GListModel) found = NULL;

  if (self->page != NULL && editor_page_get_configuration (self->page) != NULL
      && find_spot (g_task_get_task_data (task), &spot))
    {
      take_choices (self, &spot, description);
      found = filter (self, &spot);
    }

  if (found != NULL && g_list_model_get_n_items (found) > 0)
    g_task_return_pointer (task, g_steal_pointer (&found), g_object_unref);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "Nothing to complete");
}

/* Without a reply, the keys that have values can be completed all the same. */
static void
on_described (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (RunconfDescription) description
      = runconf_configuration_describe_finish (RUNCONF_CONFIGURATION (object), result, NULL);

  if (!g_task_return_error_if_cancelled (task))
    finish (task, description);
}

static void
populate_async (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context,
                GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  EditorKeyProvider *self = EDITOR_KEY_PROVIDER (provider);
  GTask *task = g_task_new (provider, cancellable, callback, user_data);
  RunconfConfiguration *configuration
      = self->page != NULL ? editor_page_get_configuration (self->page) : NULL;
  g_autofree char *present = NULL;
  g_auto (Spot) spot = { 0 };

  g_task_set_task_data (task, g_object_ref (context), g_object_unref);
  if (configuration == NULL || !find_spot (context, &spot))
    {
      finish (task, NULL);
      g_object_unref (task);
      return;
    }

  present = find_present (configuration, spot.path);
  runconf_configuration_describe (configuration, present, cancellable, on_described, task);
}

static GListModel *
populate_finish (GtkSourceCompletionProvider *provider, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
refilter (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context,
          GListModel *model)
{
  EditorKeyProvider *self = EDITOR_KEY_PROVIDER (provider);
  g_auto (Spot) spot = { 0 };
  g_autoptr (GListModel) found = NULL;

  if (self->choices != NULL && find_spot (context, &spot))
    found = filter (self, &spot);
  gtk_source_completion_context_set_proposals_for_provider (context, provider, found);
}

/* The row of the list has no other name for a screen reader. */
static void
name_row (GtkSourceCompletionCell *cell, EditorKeyChoice *choice)
{
  GtkWidget *row = gtk_widget_get_ancestor (GTK_WIDGET (cell), GTK_TYPE_LIST_BOX_ROW);
  const char *note = editor_key_choice_get_note (choice);
  g_autofree char *name = g_strjoin (" · ", editor_key_choice_get_text (choice), note, NULL);

  if (row != NULL)
    editor_row_name (row, name);
}

static void
display (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context,
         GtkSourceCompletionProposal *proposal, GtkSourceCompletionCell *cell)
{
  EditorKeyChoice *choice = EDITOR_KEY_CHOICE (proposal);

  switch (gtk_source_completion_cell_get_column (cell))
    {
    case GTK_SOURCE_COMPLETION_COLUMN_TYPED_TEXT:
      gtk_source_completion_cell_set_text (cell, editor_key_choice_get_text (choice));
      name_row (cell, choice);
      break;
    case GTK_SOURCE_COMPLETION_COLUMN_AFTER:
      gtk_widget_set_margin_start (GTK_WIDGET (cell), NOTE_MARGIN);
      gtk_widget_add_css_class (GTK_WIDGET (cell), "dim-label");
      gtk_source_completion_cell_set_text (cell, editor_key_choice_get_note (choice));
      break;
    default:
      break;
    }
}

/* The rest of the line stays as it is: a key that is changed has its colon. */
static void
activate (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context,
          GtkSourceCompletionProposal *proposal)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (gtk_source_completion_context_get_buffer (context));
  g_auto (Spot) spot = { 0 };
  g_autofree char *text = NULL;

  if (!find_spot (context, &spot))
    return;

  text = g_strconcat (editor_key_choice_get_text (EDITOR_KEY_CHOICE (proposal)),
                      !spot.is_value && gtk_text_iter_ends_line (&spot.cursor) ? ": " : "", NULL);
  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_delete (buffer, &spot.start, &spot.cursor);
  gtk_text_buffer_insert (buffer, &spot.start, text, -1);
  gtk_text_buffer_end_user_action (buffer);
}

static void
provider_iface_init (GtkSourceCompletionProviderInterface *iface)
{
  iface->populate_async = populate_async;
  iface->populate_finish = populate_finish;
  iface->refilter = refilter;
  iface->display = display;
  iface->activate = activate;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (EditorKeyProvider, editor_key_provider, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GTK_SOURCE_TYPE_COMPLETION_PROVIDER,
                                                      provider_iface_init))

static void
editor_key_provider_finalize (GObject *object)
{
  EditorKeyProvider *self = EDITOR_KEY_PROVIDER (object);

  g_clear_weak_pointer (&self->page);
  g_clear_object (&self->choices);

  G_OBJECT_CLASS (editor_key_provider_parent_class)->finalize (object);
}

static void
editor_key_provider_class_init (EditorKeyProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = editor_key_provider_finalize;
}

static void
editor_key_provider_init (EditorKeyProvider *self)
{
}

/* @page: the page of the text */
GtkSourceCompletionProvider *
editor_key_provider_new (EditorPage *page)
{
  EditorKeyProvider *self = g_object_new (EDITOR_TYPE_KEY_PROVIDER, NULL);

  g_set_weak_pointer (&self->page, page);

  return GTK_SOURCE_COMPLETION_PROVIDER (self);
}
