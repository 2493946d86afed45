/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/key-provider.h"

#include <string.h>

#include "editor/key-place.h"
#include "editor/path.h"

/* Completes the keys in a text of overrides: those that the configuration has at the place of the cursor,
 * with the keys of secrets.
 */

#define EDITOR_TYPE_KEY_PROVIDER (editor_key_provider_get_type ())
G_DECLARE_FINAL_TYPE (EditorKeyProvider, editor_key_provider, EDITOR, KEY_PROVIDER, GObject)

struct _EditorKeyProvider
{
  GObject parent_instance;

  EditorPage *page; /* (nullable) (unowned): it owns the view that owns the provider */
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

static EditorKeyProposal *
make_proposal (const char *key)
{
  EditorKeyProposal *proposal = g_object_new (EDITOR_TYPE_KEY_PROPOSAL, NULL);

  proposal->key = g_strdup (key);

  return proposal;
}

/* Returns: whether YAML reads a key as it is, without quotes */
static gboolean
is_plain (const char *key)
{
  for (const char *c = key; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("_-./", *c) == NULL && (guchar) *c < 0x80)
      return FALSE;

  return *key != '\0' && *key != '-';
}

static GListModel *
make_proposals (EditorKeyProvider *self, const char *parent, const char *begin)
{
  GListStore *store = g_list_store_new (EDITOR_TYPE_KEY_PROPOSAL);
  EditorSecrets *secrets = editor_place_get_secrets (editor_page_get_place (self->page));
  g_auto (GStrv) keys
      = runconf_configuration_list (editor_page_get_configuration (self->page), parent);

  keys = editor_secrets_add_keys (secrets, parent, g_steal_pointer (&keys));
  for (char **key = keys; *key != NULL; key++)
    {
      g_autoptr (EditorKeyProposal) proposal = NULL;

      /* a key that was typed is complete: Return begins a new line */
      if (!g_str_has_prefix (*key, begin) || strcmp (*key, begin) == 0 || !is_plain (*key))
        continue;

      proposal = make_proposal (*key);
      g_list_store_append (store, proposal);
    }

  return G_LIST_MODEL (store);
}

/* Returns: where the key that is being typed begins, and the cursor */
static gboolean
find_bounds (GtkSourceCompletionContext *context, GtkTextIter *start, GtkTextIter *cursor)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (gtk_source_completion_context_get_buffer (context));

  gtk_text_buffer_get_iter_at_mark (buffer, cursor, gtk_text_buffer_get_insert (buffer));

  return editor_key_place_find_start (cursor, start);
}

/* Returns: (transfer full) (nullable): the keys that can be typed at the cursor */
static GListModel *
propose (EditorKeyProvider *self, GtkSourceCompletionContext *context)
{
  GtkTextIter start, cursor;
  g_autofree char *parent = NULL;
  g_autofree char *begin = NULL;

  if (self->page == NULL || editor_page_get_configuration (self->page) == NULL
      || !find_bounds (context, &start, &cursor))
    return NULL;

  parent = editor_key_place_dup_parent (&cursor);
  begin = gtk_text_iter_get_text (&start, &cursor);

  return parent != NULL ? make_proposals (self, parent, begin) : NULL;
}

static void
populate_async (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context,
                GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (provider, cancellable, callback, user_data);
  g_autoptr (GListModel) proposals = propose (EDITOR_KEY_PROVIDER (provider), context);

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
refilter (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context,
          GListModel *model)
{
  g_autoptr (GListModel) proposals = propose (EDITOR_KEY_PROVIDER (provider), context);

  gtk_source_completion_context_set_proposals_for_provider (context, provider, proposals);
}

static void
display (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context,
         GtkSourceCompletionProposal *proposal, GtkSourceCompletionCell *cell)
{
  if (gtk_source_completion_cell_get_column (cell) == GTK_SOURCE_COMPLETION_COLUMN_TYPED_TEXT)
    gtk_source_completion_cell_set_text (cell, EDITOR_KEY_PROPOSAL (proposal)->key);
}

/* The rest of the line stays as it is: a key that is changed has its colon. */
static void
activate (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context,
          GtkSourceCompletionProposal *proposal)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (gtk_source_completion_context_get_buffer (context));
  GtkTextIter start, cursor;
  g_autofree char *text = NULL;

  if (!find_bounds (context, &start, &cursor))
    return;

  text = g_strconcat (EDITOR_KEY_PROPOSAL (proposal)->key,
                      gtk_text_iter_ends_line (&cursor) ? ": " : "", NULL);
  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_delete (buffer, &start, &cursor);
  gtk_text_buffer_insert (buffer, &start, text, -1);
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
  g_clear_weak_pointer (&EDITOR_KEY_PROVIDER (object)->page);

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
