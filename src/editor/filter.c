/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/filter.h"

#include "editor/path.h"
#include "editor/value-text.h"

/* What a thread needs to make an index. */
typedef struct
{
  RunconfSnapshot *snapshot;
  EditorFilter filter;
  char **locks;      /* sorted */
  GHashTable *words; /* path → words about it; nothing changes it */
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  runconf_snapshot_unref (job->snapshot);
  g_strfreev (job->locks);
  g_hash_table_unref (job->words);
  g_free (job);
}

/* Returns: (nullable): the first of the locks that is at or above a path */
static const char *
find_lock (char **locks, const char *path)
{
  for (; *locks != NULL; locks++)
    if (editor_path_is_below (path, *locks))
      return *locks;

  return NULL;
}

/* Takes ownership of @value. */
static void
add_value (EditorIndex *index, const Job *job, const char *path, GVariant *value)
{
  g_autoptr (GVariant) owned = value;

  if (value != NULL)
    editor_index_add_tree (index, path, value, job->words);
}

/* A lock below another one is passed with it: the locks are sorted. */
static void
add_locked (EditorIndex *index, const Job *job)
{
  const char *above = NULL;

  for (char **lock = job->locks; *lock != NULL; lock++)
    {
      if (above != NULL && editor_path_is_below (*lock, above))
        continue;

      above = *lock;
      add_value (index, job, above, runconf_snapshot_get_value (job->snapshot, above));
    }
}

/* The values below each key are read on their own: those of the whole configuration, as one, would take
 * several times as much memory as the index.
 */
static void
add_all (EditorIndex *index, const Job *job)
{
  g_auto (GStrv) keys = runconf_snapshot_list (job->snapshot, "");

  for (char **key = keys; *key != NULL; key++)
    {
      g_autofree char *path = editor_path_append ("", *key);

      add_value (index, job, path, runconf_snapshot_get_value (job->snapshot, path));
    }
}

static void
run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Job *job = data;
  EditorIndex *index = editor_index_new ();

  if (job->filter == EDITOR_FILTER_LOCKED)
    add_locked (index, job);
  else if (job->filter == EDITOR_FILTER_CHANGED)
    add_value (index, job, "", runconf_snapshot_get_user_value (job->snapshot, ""));
  else
    add_all (index, job);

  g_task_return_pointer (task, index, (GDestroyNotify) editor_index_free);
}

/* The schema judges only overrides; a weaker value can have no effect for other reasons. */
static gboolean
is_wrong (const Job *job, RunconfDescription *value)
{
  return runconf_description_get_layer (value) >= RUNCONF_LAYER_OVERRIDE
         && find_lock (job->locks, runconf_description_get_path (value)) == NULL;
}

static void
add_ignored (EditorIndex *index, const Job *job, RunconfDescription *description)
{
  const char *reason = runconf_description_get_ignored (description);
  g_autoptr (GVariant) value = runconf_description_get_value (description);
  g_autofree char *line = value != NULL ? editor_value_to_line (value) : g_strdup ("");

  if (reason != NULL && (job->filter == EDITOR_FILTER_IGNORED || is_wrong (job, description)))
    editor_index_add (index, runconf_description_get_path (description), line, reason);
}

static void
on_explained (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GList *values
      = runconf_configuration_explain_finish (RUNCONF_CONFIGURATION (object), result, &error);
  EditorIndex *index;

  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  index = editor_index_new ();
  for (GList *value = values; value != NULL; value = value->next)
    add_ignored (index, g_task_get_task_data (task), value->data);
  g_list_free_full (values, (GDestroyNotify) runconf_description_unref);
  g_task_return_pointer (task, index, (GDestroyNotify) editor_index_free);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

static Job *
make_job (RunconfConfiguration *configuration, EditorFilter filter, GHashTable *words)
{
  Job *job = g_new (Job, 1);

  job->snapshot = runconf_configuration_get_snapshot (configuration);
  job->filter = filter;
  job->locks = runconf_configuration_dup_locks (configuration);
  job->words = g_hash_table_ref (words);
  qsort (job->locks, g_strv_length (job->locks), sizeof *job->locks, compare);

  return job;
}

/* Makes an index of the values that pass a filter, in a thread.
 *
 * @words: path → words about it, which nobody may change any more
 */
void
editor_filter_make_index (RunconfConfiguration *configuration, EditorFilter filter,
                          GHashTable *words, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (configuration, cancellable, callback, user_data);

  g_task_set_task_data (task, make_job (configuration, filter, words), job_free);
  if (filter == EDITOR_FILTER_IGNORED || filter == EDITOR_FILTER_WRONG)
    runconf_configuration_explain (configuration, "", RUNCONF_EXPLAIN_ALL, cancellable,
                                   on_explained, g_steal_pointer (&task));
  else
    g_task_run_in_thread (task, run);
}

/* Returns: (transfer full) (nullable): the index */
EditorIndex *
editor_filter_make_index_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
