/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/watch/parents.h"

#include <errno.h>

/* If a folder above a file is renamed, the path leads to another file or to none, but the folder of the
 * file has no event: only the renamed folder has one.
 *
 * Thousands of watchers have the same folders above them. So these folders are watched once for all
 * watchers of a directory, and only for moves and removals of the folders themselves: the files in `/etc`
 * or `/var/lib` make no events.
 */

struct _RunconfParents
{
  RunconfInotify *inotify;
  RunconfInotifyFunc func;
  GHashTable *lineages; /* by the path of the lowest folder */
};

/* A folder and all folders above it. */
typedef struct
{
  RunconfParents *parents;
  char *path;
  GPtrArray *places;   /* of RunconfInotifyWatch, the highest one first */
  GHashTable *watches; /* the members, a set of RunconfParentsWatch */
  gboolean is_complete;
  gboolean is_stale; /* a folder was moved: its path may lead to another one now */
} Lineage;

struct _RunconfParentsWatch
{
  Lineage *lineage;
  gpointer user_data;
};

/* Until the first member looks again, the members know about the event already. */
static void
on_event (const char *name, guint32 mask, gpointer user_data)
{
  Lineage *lineage = user_data;
  GHashTableIter iter;
  gpointer member;

  if (lineage->is_stale)
    return;

  lineage->is_stale = TRUE;
  g_hash_table_iter_init (&iter, lineage->watches);
  while (g_hash_table_iter_next (&iter, &member, NULL))
    lineage->parents->func (name, mask, ((RunconfParentsWatch *) member)->user_data);
}

/* From the top, so that each path is followed below folders that are watched already. A folder that this
 * process may not read can't be watched; the slow timer finds its moves.
 */
static void
add_places (Lineage *lineage, GPtrArray *places, const char *path)
{
  g_autofree char *above = g_path_get_dirname (path);
  RunconfInotifyWatch *place;

  if (g_str_equal (above, path))
    return;

  add_places (lineage, places, above);
  place = runconf_inotify_add_place (lineage->parents->inotify, path, on_event, lineage);
  if (place != NULL)
    g_ptr_array_add (places, place);
  else if (errno != EACCES)
    lineage->is_complete = FALSE;
}

/* The new watches are added before the old ones are removed, so that no folder is ever unwatched. */
static void
renew (Lineage *lineage)
{
  g_autoptr (GPtrArray) places
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_inotify_remove);

  lineage->is_stale = FALSE;
  lineage->is_complete = TRUE;
  add_places (lineage, places, lineage->path);
  g_clear_pointer (&lineage->places, g_ptr_array_unref);
  lineage->places = g_steal_pointer (&places);
}

static void
lineage_free (Lineage *lineage)
{
  g_clear_pointer (&lineage->places, g_ptr_array_unref);
  g_hash_table_unref (lineage->watches);
  g_free (lineage->path);
  g_free (lineage);
}

static Lineage *
get_lineage (RunconfParents *self, const char *path)
{
  Lineage *lineage = g_hash_table_lookup (self->lineages, path);

  if (lineage != NULL)
    return lineage;

  lineage = g_new0 (Lineage, 1);
  lineage->parents = self;
  lineage->path = g_strdup (path);
  lineage->watches = g_hash_table_new (NULL, NULL);
  lineage->is_stale = TRUE;
  g_hash_table_insert (self->lineages, lineage->path, lineage);

  return lineage;
}

/**
 * runconf_parents_new:
 * @inotify: not owned
 * @func: called when a folder above a directory was moved or removed, or events were lost
 */
RunconfParents *
runconf_parents_new (RunconfInotify *inotify, RunconfInotifyFunc func)
{
  RunconfParents *self = g_new0 (RunconfParents, 1);

  self->inotify = inotify;
  self->func = func;
  self->lineages
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) lineage_free);
  return self;
}

/**
 * runconf_parents_free:
 *
 * Call it when all watches are removed.
 */
void
runconf_parents_free (RunconfParents *self)
{
  g_return_if_fail (g_hash_table_size (self->lineages) == 0);

  g_hash_table_unref (self->lineages);
  g_free (self);
}

/**
 * runconf_parents_add:
 * @directory: an absolute path without symbolic links
 * @user_data: for the function of @self
 *
 * Watches all folders above @directory. After an event the watches follow the path again: each owner
 * adds a new watch then, and removes its old one.
 *
 * Returns: (transfer full): a watch for runconf_parents_remove()
 */
RunconfParentsWatch *
runconf_parents_add (RunconfParents *self, const char *directory, gpointer user_data)
{
  g_autofree char *path = g_path_get_dirname (directory);
  Lineage *lineage = get_lineage (self, path);
  RunconfParentsWatch *watch = g_new0 (RunconfParentsWatch, 1);

  if (lineage->is_stale || !lineage->is_complete)
    renew (lineage);

  watch->lineage = lineage;
  watch->user_data = user_data;
  g_hash_table_add (lineage->watches, watch);

  return watch;
}

void
runconf_parents_remove (RunconfParentsWatch *watch)
{
  Lineage *lineage = watch->lineage;

  g_hash_table_remove (lineage->watches, watch);
  if (g_hash_table_size (lineage->watches) == 0)
    g_hash_table_remove (lineage->parents->lineages, lineage->path);

  g_free (watch);
}

/**
 * runconf_parents_watch_is_complete:
 *
 * Returns: %FALSE if the kernel has no watch for one of the folders
 */
gboolean
runconf_parents_watch_is_complete (const RunconfParentsWatch *watch)
{
  return watch->lineage->is_complete;
}
