/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/search.h"

#include <string.h>

#include "editor/item.h"
#include "editor/row-array.h"
#include "editor/words.h"

/* The index is made ahead, in a thread, so that the first key of a query needn't wait for it. A change makes
 * it stale; while a query is shown, the next one is made then, one at a time, and until then the old one
 * answers.
 *
 * GTK makes the widgets of 200 rows, on and below the screen, for each list that is long enough. The list
 * has only the first results until the user goes into it. Then the others follow, a few at a time, so that
 * neither a key nor a frame has to wait for their widgets.
 */
#define AHEAD_MS 500
#define FIRST_ROWS 24
#define MORE_ROWS 8
#define WIDGETS_MAX 256

struct _EditorSearch
{
  GObject parent_instance;

  EditorPlace *place; /* (nullable) */
  EditorWords *words; /* (nullable) */
  char *query;
  EditorFilter filter;
  char *problem;

  EditorIndex *index;        /* (nullable) */
  GCancellable *cancellable; /* (nullable): of the index that is being made */
  gboolean is_stale;         /* the index, or the one that is being made, is too old already */
  guint ahead_id;            /* of the source that makes the first index */

  /* the list has the first results, or all; each is made when it is first looked at */
  GArray *found;     /* of guint: all results, in the index */
  char *found_query; /* (nullable): the query that has found them */
  GPtrArray *items;  /* (nullable elements) of EditorItem */
  guint rest_id;     /* of the source that adds the other results */
};

enum
{
  SIGNAL_UPDATED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (EditorSearch, editor_search, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static void refresh (EditorSearch *self);

static GType
get_item_type (GListModel *model)
{
  return EDITOR_TYPE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return EDITOR_SEARCH (model)->items->len;
}

static RunconfConfiguration *
get_configuration (EditorSearch *self)
{
  return self->place != NULL ? editor_place_get_configuration (self->place) : NULL;
}

/* The path is shown as a whole: the rows above it aren't in the list. */
static EditorItem *
make_item (EditorSearch *self, const char *path)
{
  g_autoptr (RunconfSnapshot) snapshot
      = runconf_configuration_get_snapshot (get_configuration (self));

  return editor_item_new (path, path, editor_place_get_secrets (self->place), snapshot);
}

static const char *
get_path (EditorSearch *self, guint position)
{
  return editor_index_get_path (self->index, g_array_index (self->found, guint, position));
}

static gpointer
get_item (GListModel *model, guint position)
{
  EditorSearch *self = EDITOR_SEARCH (model);

  if (position >= self->items->len)
    return NULL;

  if (self->items->pdata[position] == NULL)
    self->items->pdata[position] = make_item (self, get_path (self, position));

  return g_object_ref (self->items->pdata[position]);
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

gboolean
editor_search_is_active (EditorSearch *self)
{
  return *self->query != '\0' || self->filter != EDITOR_FILTER_ALL;
}

/* Returns: the number of all results; the list has the last ones of them only after
 * [method@Search.show_all]
 */
guint
editor_search_get_n_results (EditorSearch *self)
{
  return self->found->len;
}

/* Returns: whether the results are those of the present index */
gboolean
editor_search_is_ready (EditorSearch *self)
{
  return self->index != NULL;
}

/* Returns: the reason why there are no results; empty if there is no such reason */
const char *
editor_search_get_problem (EditorSearch *self)
{
  return self->problem;
}

static gboolean
show_more (gpointer user_data)
{
  EditorSearch *self = user_data;
  guint n_shown = self->items->len, n_left = self->found->len - n_shown;
  guint n_more = n_shown < WIDGETS_MAX ? MIN (n_left, MORE_ROWS) : n_left;

  if (n_more == n_left)
    self->rest_id = 0;
  editor_row_array_splice (self->items, n_shown, 0, n_more);
  g_list_model_items_changed (G_LIST_MODEL (self), n_shown, 0, n_more);

  return n_more < n_left ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Adds the results that aren't in the list yet, between the frames. */
void
editor_search_show_all (EditorSearch *self)
{
  if (self->rest_id == 0 && self->items->len < self->found->len)
    self->rest_id = g_idle_add_full (G_PRIORITY_LOW, show_more, self, NULL);
}

/* Returns: whether one of the rows is that of a result in an index */
static gboolean
is_same (EditorSearch *self, guint row, EditorIndex *index, guint position)
{
  if (index == self->index)
    return g_array_index (self->found, guint, row) == position;

  return strcmp (get_path (self, row), editor_index_get_path (index, position)) == 0;
}

/* Puts other results into the list, so many at most. Those before the first difference and after the last
 * one stay, and so does the selected one most times.
 *
 * @index: (transfer full) (nullable): the index that has been searched; it may be the present one
 * @found: (transfer full): the results
 */
static void
take_results (EditorSearch *self, EditorIndex *index, GArray *found, guint n_max)
{
  guint n_old = self->items->len, n_new = MIN (found->len, n_max), begin = 0, end = 0;

  while (begin < MIN (n_old, n_new)
         && is_same (self, begin, index, g_array_index (found, guint, begin)))
    begin++;
  while (end < MIN (n_old, n_new) - begin
         && is_same (self, n_old - 1 - end, index, g_array_index (found, guint, n_new - 1 - end)))
    end++;

  g_clear_handle_id (&self->rest_id, g_source_remove);
  if (index != self->index)
    g_clear_pointer (&self->index, editor_index_free);
  self->index = index;
  g_array_unref (self->found);
  self->found = found;
  editor_row_array_splice (self->items, begin, n_old - begin - end, n_new - begin - end);
  if (n_old > begin + end || n_new > begin + end)
    g_list_model_items_changed (G_LIST_MODEL (self), begin, n_old - begin - end,
                                n_new - begin - end);
}

/* A mapping that has become a leaf has its text by the next key press. */
static void
update_items (EditorSearch *self)
{
  g_autoptr (RunconfSnapshot) snapshot
      = runconf_configuration_get_snapshot (get_configuration (self));

  for (guint i = 0; i < self->items->len; i++)
    if (self->items->pdata[i] != NULL)
      editor_item_update (self->items->pdata[i], snapshot);
}

/* @index: (nullable): the index to search
 *
 * Returns: (transfer full) (element-type guint): the results of the query
 */
static GArray *
find (EditorSearch *self, EditorIndex *index)
{
  gboolean is_longer = index == self->index && self->found_query != NULL
                       && g_str_has_prefix (self->query, self->found_query);

  g_clear_pointer (&self->found_query, g_free);
  if (index == NULL || !editor_search_is_active (self))
    return g_array_new (FALSE, FALSE, sizeof (guint));

  self->found_query = g_strdup (self->query);

  return editor_index_search (index, self->query, is_longer ? self->found : NULL);
}

/* Shows the first @n_max results of the query.
 *
 * @index: (transfer full) (nullable): the index to search, which may be the present one
 */
static void
look (EditorSearch *self, EditorIndex *index, guint n_max)
{
  take_results (self, index, find (self, index), n_max);
  g_signal_emit (self, signals[SIGNAL_UPDATED], 0);
}

/* Shows the results of another query, or those in another place. */
static void
show (EditorSearch *self)
{
  if (editor_search_is_active (self) && get_configuration (self) != NULL)
    {
      editor_words_start (self->words);
      editor_words_wait (self->words);
      refresh (self);
    }
  look (self, self->index, FIRST_ROWS);
}

/* The user may have gone through the list by now, which becomes no shorter.
 *
 * @index: (transfer full): the index
 */
static void
take_index (EditorSearch *self, EditorIndex *index)
{
  look (self, index, MAX (self->items->len, FIRST_ROWS));
  update_items (self);
}

static void
on_index (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorSearch) self = user_data;
  g_autoptr (GError) error = NULL;
  EditorIndex *index = editor_filter_make_index_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->cancellable);
  g_free (self->problem);
  self->problem = g_strdup (error != NULL ? error->message : "");
  take_index (self, index != NULL ? index : editor_index_new ());
  if (editor_search_is_active (self))
    refresh (self);
  /* the next query asks again */
  self->is_stale = self->is_stale || error != NULL;
}

/* Makes an index if there is none that is up to date, and nothing else makes one. */
static void
refresh (EditorSearch *self)
{
  g_autoptr (GHashTable) words = NULL;

  if (!self->is_stale || self->cancellable != NULL || get_configuration (self) == NULL)
    return;

  self->is_stale = FALSE;
  words = editor_words_copy_table (self->words);
  self->cancellable = g_cancellable_new ();
  editor_filter_make_index (get_configuration (self), self->filter, words, self->cancellable,
                            on_index, g_object_ref (self));
}

static void
drop_index (EditorSearch *self)
{
  g_clear_handle_id (&self->ahead_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  take_results (self, NULL, g_array_new (FALSE, FALSE, sizeof (guint)), 0);
  g_clear_pointer (&self->found_query, g_free);
  self->is_stale = TRUE;
}

static void
on_changed (EditorSearch *self)
{
  self->is_stale = TRUE;
  if (editor_search_is_active (self))
    refresh (self);
}

static gboolean
make_ahead (gpointer user_data)
{
  EditorSearch *self = user_data;

  self->ahead_id = 0;
  refresh (self);

  return G_SOURCE_REMOVE;
}

/* The first rows of the tree are more urgent than an index that nobody has asked for. */
static void
on_opened (EditorSearch *self)
{
  if (get_configuration (self) == NULL)
    return;

  if (editor_search_is_active (self))
    show (self);
  else
    self->ahead_id = g_timeout_add_full (G_PRIORITY_LOW, AHEAD_MS, make_ahead, self, NULL);
}

/* Makes the index now, since a query is likely to come. */
void
editor_search_prepare (EditorSearch *self)
{
  g_clear_handle_id (&self->ahead_id, g_source_remove);
  refresh (self);
}

/* @place: (nullable): the place to search in */
void
editor_search_set_place (EditorSearch *self, EditorPlace *place)
{
  if (self->place != NULL)
    g_signal_handlers_disconnect_by_data (self->place, self);
  drop_index (self);
  if (self->words != NULL)
    g_signal_handlers_disconnect_by_data (self->words, self);
  g_clear_object (&self->words);
  g_set_object (&self->place, place);
  if (place == NULL)
    return;

  self->words = editor_words_new (place);
  g_signal_connect_swapped (self->words, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (place, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (place, "notify::configuration", G_CALLBACK (on_opened), self);
  look (self, NULL, 0);
  on_opened (self);
}

void
editor_search_set_query (EditorSearch *self, const char *query)
{
  g_free (self->query);
  self->query = g_strdup (query);
  show (self);
}

void
editor_search_set_filter (EditorSearch *self, EditorFilter filter)
{
  if (self->filter == filter)
    return;

  self->filter = filter;
  drop_index (self);
  refresh (self);
  show (self);
}

static void
editor_search_finalize (GObject *object)
{
  EditorSearch *self = EDITOR_SEARCH (object);

  editor_search_set_place (self, NULL);
  g_array_unref (self->found);
  g_ptr_array_unref (self->items);
  g_free (self->query);
  g_free (self->problem);

  G_OBJECT_CLASS (editor_search_parent_class)->finalize (object);
}

static void
editor_search_class_init (EditorSearchClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = editor_search_finalize;

  signals[SIGNAL_UPDATED] = g_signal_new ("updated", EDITOR_TYPE_SEARCH, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
editor_search_init (EditorSearch *self)
{
  self->query = g_strdup ("");
  self->problem = g_strdup ("");
  self->found = g_array_new (FALSE, FALSE, sizeof (guint));
  self->items = editor_row_array_new (0);
}

EditorSearch *
editor_search_new (void)
{
  return g_object_new (EDITOR_TYPE_SEARCH, NULL);
}
