/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/etcd-private.h"

#include <string.h>

/* A list is read in pages, all at the revision of the first one: the whole of a large fleet is too
 * large for one answer, and takes a member longer than it may be silent.
 *
 * A list that isn't complete is an error. An agent would remove the files of the documents that it
 * lacks.
 */

/* etcd looks at all keys behind a page to count them, so that small pages take it longer in all; a
 * large one takes it longer than it may be silent.
 */
#define PAGE_ITEMS 3000

/* more than a fleet has */
#define MAX_ITEMS (4 * 1000 * 1000)

/* the part of its items that a page keeps if its answer is too large */
#define SHRINK 8

typedef struct
{
  char *prefix;
  char *end;
  GBytes *next; /* the first key of the next page */
  RunconfEtcdRangeOptions options;
  RunconfEtcdSkipFunc skip;
  gpointer user_data;      /* of the skip */
  RunconfEtcdRange *range; /* of the pages so far; NULL before the first */
} Listing;

static void
listing_free (Listing *self)
{
  g_free (self->prefix);
  g_free (self->end);
  g_bytes_unref (self->next);
  g_clear_pointer (&self->range, runconf_etcd_range_free);
  g_free (self);
}

/* Returns: (transfer full): the key directly behind another one */
static GBytes *
make_successor (GBytes *key)
{
  gsize size = g_bytes_get_size (key);
  char *successor = g_malloc0 (size + 1);

  memcpy (successor, g_bytes_get_data (key, NULL), size);

  return g_bytes_new_take (successor, size + 1);
}

/* Returns: (transfer full): the key to go on from behind a page */
static GBytes *
find_next (const Listing *self, GBytes *last)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (last, NULL), g_bytes_get_size (last));
  char *next = self->skip != NULL ? self->skip (text, self->user_data) : NULL;

  return next != NULL ? g_bytes_new_take (next, strlen (next)) : make_successor (last);
}

static void
take_page (Listing *self, RunconfEtcdRange *page)
{
  if (self->range == NULL)
    {
      self->range = page;
      if (self->options.revision == 0)
        self->options.revision = page->revision;
      return;
    }

  g_ptr_array_extend_and_steal (self->range->items, g_steal_pointer (&page->items));
  page->items = g_ptr_array_new ();
  runconf_etcd_range_free (page);
}

/* Moves behind a page that isn't the last one.
 *
 * Returns: %FALSE with an error if it doesn't lead on
 */
static gboolean
go_behind (Listing *self, GBytes *last, GError **error)
{
  GBytes *next = find_next (self, last);
  gboolean leads_on
      = g_bytes_compare (next, self->next) > 0 && self->range->items->len <= MAX_ITEMS;

  g_bytes_unref (self->next);
  self->next = next;
  if (!leads_on)
    g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_PROTOCOL,
                 "%s: the list isn't one of etcd: it has no end", self->prefix);

  return leads_on;
}

static gboolean
is_behind_end (const Listing *self)
{
  g_autoptr (GBytes) end = g_bytes_new_static (self->end, strlen (self->end));

  return g_bytes_compare (self->next, end) >= 0;
}

static void read_page (GTask *task);

static void
end (GTask *task)
{
  Listing *self = g_task_get_task_data (task);

  self->range->count = self->range->items->len;
  g_task_return_pointer (task, g_steal_pointer (&self->range),
                         (GDestroyNotify) runconf_etcd_range_free);
}

static void
go_on (GTask *task, RunconfEtcdRange *page)
{
  Listing *self = g_task_get_task_data (task);
  g_autoptr (GBytes) last = g_steal_pointer (&page->last);
  GError *error = NULL;

  take_page (self, page);
  if (last != NULL && !go_behind (self, last, &error))
    g_task_return_error (task, error);
  else if (last == NULL || is_behind_end (self))
    end (task);
  else
    read_page (task);
}

/* Returns: whether fewer items may fit into an answer */
static gboolean
shrink (Listing *self, const GError *error)
{
  if (!g_error_matches (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_TOO_LARGE)
      || self->options.limit == 1)
    return FALSE;

  self->options.limit = MAX (1, self->options.limit / SHRINK);

  return TRUE;
}

static void
on_page (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  RunconfEtcdRange *page = runconf_etcd_range_finish (RUNCONF_ETCD (source), result, &error);

  if (page != NULL)
    go_on (task, page);
  else if (shrink (g_task_get_task_data (task), error))
    {
      g_error_free (error);
      read_page (task);
    }
  else
    g_task_return_error (task, error);
}

static void
read_page (GTask *task)
{
  Listing *self = g_task_get_task_data (task);

  runconf_etcd_range_send (g_task_get_source_object (task), self->next, self->end, self->prefix,
                           &self->options, g_task_get_cancellable (task), on_page,
                           g_object_ref (task));
}

/**
 * runconf_etcd_list_async:
 * @prefix: the beginning of the keys
 * @options: (nullable): how to read, without an order; the limit is that of a page
 * @skip: (nullable) (scope async): tells which keys aren't wanted; it gets @user_data too
 *
 * Reads all keys with a prefix at one revision, in pages.
 */
void
runconf_etcd_list_async (RunconfEtcd *self, const char *prefix,
                         const RunconfEtcdRangeOptions *options, RunconfEtcdSkipFunc skip,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Listing *listing = g_new0 (Listing, 1);

  listing->prefix = g_strdup (prefix);
  listing->end = runconf_etcd_get_prefix_end (prefix);
  listing->next = g_bytes_new (prefix, strlen (prefix));
  if (options != NULL)
    listing->options = *options;
  if (listing->options.limit == 0)
    listing->options.limit = PAGE_ITEMS;
  listing->skip = skip;
  listing->user_data = user_data;
  g_task_set_task_data (task, listing, (GDestroyNotify) listing_free);

  read_page (task);
}

RunconfEtcdRange *
runconf_etcd_list_finish (RunconfEtcd *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
