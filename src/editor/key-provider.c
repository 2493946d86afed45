/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/key-provider.h"

#include <string.h>

#include "editor/path.h"

/* Completes the keys in a text of overrides: those that the configuration has at the place of the
 * cursor, which follows from the indentation of the lines above it.
 */

#define EDITOR_TYPE_KEY_PROVIDER (editor_key_provider_get_type ())
G_DECLARE_FINAL_TYPE (EditorKeyProvider, editor_key_provider, EDITOR, KEY_PROVIDER, GObject)

struct _EditorKeyProvider
{
  GObject parent_instance;

  EditorPage *page; /* (unowned): it owns the provider */
};

#define EDITOR_TYPE_KEY_PROPOSAL (editor_key_proposal_get_type ())
G_DECLARE_FINAL_TYPE (EditorKeyProposal, editor_key_proposal, EDITOR, KEY_PROPOSAL, GObject)

struct _EditorKeyProposal
{
  GObject parent_instance;

  char *key;
};

static char *
get_typed_text (GtkSourceCompletionProposal *proposal)
{
  return g_strdup (EDITOR_KEY_PROPOSAL (proposal)->key);
}

static void
proposal_iface_init (GtkSourceCompletionProposalInterface *iface)
{
  iface->get_typed_text = get_typed_text;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (EditorKeyProposal, editor_key_proposal, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GTK_SOURCE_TYPE_COMPLETION_PROPOSAL,
                                                      proposal_iface_init))

static void
editor_key_proposal_finalize (GObject *object)
{
  g_free (EDITOR_KEY_PROPOSAL (object)->key);

  G_OBJECT_CLASS (editor_key_proposal_parent_class)->finalize (object);
}

static void
editor_key_proposal_class_init (EditorKeyProposalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = editor_key_proposal_finalize;
}

static void
editor_key_proposal_init (EditorKeyProposal *self)
{
}

static char *
dup_line (const GtkTextIter *place)
{
  GtkTextIter start = *place, end = *place;

  gtk_text_iter_set_line_offset (&start, 0);
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);

  return gtk_text_iter_get_text (&start, &end);
}

/* Returns: (transfer full) (nullable): the key of a line such as “  port: 8000”, without quotes */
static char *
dup_key (const char *line)
{
  g_autofree char *copy = g_strstrip (g_strdup (line));
  char *colon = strchr (copy, ':');

  if (colon == NULL || *copy == '#' || *copy == '-')
    return NULL;

  *colon = '\0';
  g_strstrip (copy);
  if ((*copy == '"' || *copy == '\'') && strlen (copy) > 1)
    return g_strndup (copy + 1, strlen (copy) - 2);

  return g_steal_pointer (&copy);
}

/* Returns: (transfer full): the path of the mapping that a line belongs to */
static char *
find_parent (const GtkTextIter *place)
{
  g_autofree char *line = dup_line (place);
  gsize indent = strspn (line, " ");
  char *path = g_strdup ("");
  GtkTextIter above = *place;

  while (indent > 0 && gtk_text_iter_backward_line (&above))
    {
      g_autofree char *other = dup_line (&above);
      g_autofree char *key = dup_key (other);
      g_autofree char *end = NULL;
      char *longer;

      if (key == NULL || strspn (other, " ") >= indent)
        continue;

      indent = strspn (other, " ");
      end = editor_path_append ("", key);
      longer = g_strconcat (end, path, NULL);
      g_free (path);
      path = longer;
    }

  return path;
}

static GListModel *
make_proposals (EditorKeyProvider *self, const char *parent, const char *begin)
{
  GListStore *store = g_list_store_new (EDITOR_TYPE_KEY_PROPOSAL);
  RunconfConfiguration *configuration = editor_page_get_configuration (self->page);
  g_auto (GStrv) keys
      = configuration != NULL ? runconf_configuration_list (configuration, parent) : NULL;

  for (char **key = keys; key != NULL && *key != NULL; key++)
    {
      g_autoptr (EditorKeyProposal) proposal = NULL;

      if (!g_str_has_prefix (*key, begin))
        continue;

      proposal = g_object_new (EDITOR_TYPE_KEY_PROPOSAL, NULL);
      proposal->key = g_strdup (*key);
      g_list_store_append (store, proposal);
    }

  return G_LIST_MODEL (store);
}

/* Returns: whether only spaces are before a place in its line */
static gboolean
is_key_place (const GtkTextIter *place)
{
  GtkTextIter start = *place;
  g_autofree char *before = NULL;

  gtk_text_iter_set_line_offset (&start, 0);
  before = gtk_text_iter_get_text (&start, place);

  return before[strspn (before, " ")] == '\0';
}

static void
populate_async (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context,
                GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (provider, cancellable, callback, user_data);
  g_autofree char *word = gtk_source_completion_context_get_word (context);
  g_autofree char *parent = NULL;
  g_autoptr (GListModel) proposals = NULL;
  GtkTextIter start, end;

  gtk_source_completion_context_get_bounds (context, &start, &end);
  if (is_key_place (&start))
    {
      parent = find_parent (&start);
      proposals = make_proposals (EDITOR_KEY_PROVIDER (provider), parent, word);
    }

  if (proposals != NULL && g_list_model_get_n_items (proposals) > 0)
    g_task_return_pointer (task, g_steal_pointer (&proposals), g_object_unref);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "No key can be here");
}

static GListModel *
populate_finish (GtkSourceCompletionProvider *provider, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
display (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context,
         GtkSourceCompletionProposal *proposal, GtkSourceCompletionCell *cell)
{
  if (gtk_source_completion_cell_get_column (cell) == GTK_SOURCE_COMPLETION_COLUMN_TYPED_TEXT)
    gtk_source_completion_cell_set_text (cell, EDITOR_KEY_PROPOSAL (proposal)->key);
}

static void
activate (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context,
          GtkSourceCompletionProposal *proposal)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (gtk_source_completion_context_get_buffer (context));
  g_autofree char *text = g_strconcat (EDITOR_KEY_PROPOSAL (proposal)->key, ": ", NULL);
  GtkTextIter start, end;

  gtk_source_completion_context_get_bounds (context, &start, &end);
  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_delete (buffer, &start, &end);
  gtk_text_buffer_insert (buffer, &start, text, -1);
  gtk_text_buffer_end_user_action (buffer);
}

static void
provider_iface_init (GtkSourceCompletionProviderInterface *iface)
{
  iface->populate_async = populate_async;
  iface->populate_finish = populate_finish;
  iface->display = display;
  iface->activate = activate;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (EditorKeyProvider, editor_key_provider, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GTK_SOURCE_TYPE_COMPLETION_PROVIDER,
                                                      provider_iface_init))

static void
editor_key_provider_class_init (EditorKeyProviderClass *klass)
{
}

static void
editor_key_provider_init (EditorKeyProvider *self)
{
}

/* @page: the page of the text, which has to live as long */
GtkSourceCompletionProvider *
editor_key_provider_new (EditorPage *page)
{
  EditorKeyProvider *self = g_object_new (EDITOR_TYPE_KEY_PROVIDER, NULL);

  self->page = page;

  return GTK_SOURCE_COMPLETION_PROVIDER (self);
}
