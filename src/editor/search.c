/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/search.h"

#include <string.h>

#include "editor/item.h"
#include "editor/row-array.h"
#include "editor/words.h"

/* There is an index only while somebody searches. A change makes it stale: the next one is made in a
 * thread, one at a time, and until then the old one answers.
 *
 * GTK makes the widgets of 200 rows, on and below the screen, for each list that is long enough. After a
 * key press, the list has only the first results, and the others follow once no key has been pressed for
 * a while.
 */
#define FIRST_ROWS 24
#define REST_MS 250

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
  gboolean is_stale;         /* the index that is being made is too old already */

  /* the list has the first results, or all; each is made when it is first looked at */
  GPtrArray *paths; /* all results, unowned: in the index */
  GPtrArray *items; /* (nullable elements) of EditorItem */
  guint rest_id;    /* of the source that adds the other results */
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

static void start (EditorSearch *self);

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

static gpointer
get_item (GListModel *model, guint position)
{
  EditorSearch *self = EDITOR_SEARCH (model);

  if (position >= self->items->len)
    return NULL;

  if (self->items->pdata[position] == NULL)
    self->items->pdata[position] = make_item (self, self->paths->pdata[position]);

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

/* Returns: the number of all results; the list has the last ones of them a little later */
guint
editor_search_get_n_results (EditorSearch *self)
{
  return self->paths->len;
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
has_path (GPtrArray *paths, guint position, const char *path)
{
  return strcmp (paths->pdata[position], path) == 0;
}

static gboolean
show_rest (gpointer user_data)
{
  EditorSearch *self = user_data;
  guint n_shown = self->items->len, n_more = self->paths->len - n_shown;

  self->rest_id = 0;
  editor_row_array_splice (self->items, n_shown, 0, n_more);
  g_list_model_items_changed (G_LIST_MODEL (self), n_shown, 0, n_more);

  return G_SOURCE_REMOVE;
}

static void
schedule_rest (EditorSearch *self)
{
  g_clear_handle_id (&self->rest_id, g_source_remove);
  if (self->items->len < self->paths->len)
    self->rest_id = g_timeout_add (REST_MS, show_rest, self);
}

/* Puts other results into the list, so many at most. Those before the first difference and after the last
 * one stay, and so does the selected one most times.
 */
static void
take_paths (EditorSearch *self, GPtrArray *paths, guint n_max)
{
  guint n_old = self->items->len, n_new = MIN (paths->len, n_max), begin = 0, end = 0;

  while (begin < MIN (n_old, n_new) && has_path (self->paths, begin, paths->pdata[begin]))
    begin++;
  while (end < MIN (n_old, n_new) - begin
         && has_path (self->paths, n_old - 1 - end, paths->pdata[n_new - 1 - end]))
    end++;

  g_ptr_array_unref (self->paths);
  self->paths = paths;
  editor_row_array_splice (self->items, begin, n_old - begin - end, n_new - begin - end);
  if (n_old > begin + end || n_new > begin + end)
    g_list_model_items_changed (G_LIST_MODEL (self), begin, n_old - begin - end,
                                n_new - begin - end);
  schedule_rest (self);
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

/* Reads the results of the query from the index, and shows the first @n_max of them. */
static void
look (EditorSearch *self, guint n_max)
{
  g_autoptr (GArray) found = NULL;
  GPtrArray *paths;

  if (self->index == NULL)
    return;

  found = editor_index_search (self->index, self->query);
  paths = g_ptr_array_new_full (found->len, NULL);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (
        paths, (gpointer) editor_index_get_path (self->index, g_array_index (found, guint, i)));
  take_paths (self, paths, n_max);
  g_signal_emit (self, signals[SIGNAL_UPDATED], 0);
}

/* The results point into the old index, so that both live until they are replaced. The user may have gone
 * through the list by now, which becomes no shorter.
 */
static void
take_index (EditorSearch *self, EditorIndex *index)
{
  g_autoptr (EditorIndex) old = g_steal_pointer (&self->index);

  self->index = index;
  look (self, MAX (self->items->len, FIRST_ROWS));
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
  if (self->is_stale)
    start (self);
}

/* Makes an index, if nothing else does. */
static void
start (EditorSearch *self)
{
  g_autoptr (GHashTable) words = NULL;

  self->is_stale = self->cancellable != NULL;
  if (self->is_stale || !editor_search_is_active (self) || get_configuration (self) == NULL)
    return;

  editor_words_start (self->words);
  words = editor_words_copy_table (self->words);
  self->cancellable = g_cancellable_new ();
  editor_filter_make_index (get_configuration (self), self->filter, words, self->cancellable,
                            on_index, g_object_ref (self));
}

static void
drop_index (EditorSearch *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->is_stale = FALSE;
  take_paths (self, g_ptr_array_new (), 0);
  g_clear_pointer (&self->index, editor_index_free);
}

static void
on_changed (EditorSearch *self)
{
  if (self->index != NULL)
    start (self);
}

static void
restart (EditorSearch *self)
{
  drop_index (self);
  start (self);
  g_signal_emit (self, signals[SIGNAL_UPDATED], 0);
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
  restart (self);
}

void
editor_search_set_query (EditorSearch *self, const char *query)
{
  g_free (self->query);
  self->query = g_strdup (query);
  if (self->words != NULL)
    editor_words_wait (self->words);
  if (!editor_search_is_active (self) || (self->index == NULL && self->cancellable == NULL))
    restart (self);
  else
    look (self, FIRST_ROWS);
}

void
editor_search_set_filter (EditorSearch *self, EditorFilter filter)
{
  if (self->filter == filter)
    return;

  self->filter = filter;
  restart (self);
}

static void
editor_search_finalize (GObject *object)
{
  EditorSearch *self = EDITOR_SEARCH (object);

  editor_search_set_place (self, NULL);
  g_ptr_array_unref (self->paths);
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
  self->paths = g_ptr_array_new ();
  self->items = editor_row_array_new (0);
}

EditorSearch *
editor_search_new (void)
{
  return g_object_new (EDITOR_TYPE_SEARCH, NULL);
}
