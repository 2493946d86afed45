/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/listener.h"

#include <string.h>

#include "core/limits.h"
#include "core/path.h"

/* the greatest number of changes that wait for a main context; more are merged into one */
#define MAX_WAITING 256

struct _RunconfListener
{
  gint ref_count; /* atomic */
  char *path;
  GMainContext *context;
  GWeakRef object;
  RunconfListenerFunc emit;
  RunconfListenerFailFunc fail;

  /* used by the worker thread only: the last snapshot that was reported, and the version of the
   * last signal that is included in it
   */
  RunconfSnapshot *reported;
  guint64 version;
  RunconfChange *last; /* (nullable): the last change, if @reported doesn't have its result alone */

  GMutex mutex;   /* protects the fields below */
  GQueue waiting; /* of RunconfChange, those that aren't emitted yet */
  gboolean is_scheduled;
  gboolean is_closed;
};

/**
 * runconf_listener_new:
 * @path: a path, as a JSON Pointer
 * @base: the snapshot that changes are compared with
 * @object: the object that emits the changes, which isn't kept alive
 * @context: the main context in which they are emitted
 * @emit: emits a change
 * @fail: (nullable): emits an error of runconf_listener_fail()
 *
 * Returns: (transfer full): a listener that receives no changes yet
 */
RunconfListener *
runconf_listener_new (const char *path, RunconfSnapshot *base, GObject *object,
                      GMainContext *context, RunconfListenerFunc emit, RunconfListenerFailFunc fail)
{
  RunconfListener *self = g_new0 (RunconfListener, 1);

  self->ref_count = 1;
  self->path = g_strdup (path);
  self->context = g_main_context_ref (context);
  g_weak_ref_init (&self->object, object);
  self->emit = emit;
  self->fail = fail;
  self->reported = runconf_snapshot_ref (base);
  self->version = runconf_snapshot_get_version (base);
  g_mutex_init (&self->mutex);
  g_queue_init (&self->waiting);

  return self;
}

RunconfListener *
runconf_listener_ref (RunconfListener *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
runconf_listener_unref (RunconfListener *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_free (self->path);
  g_main_context_unref (self->context);
  g_weak_ref_clear (&self->object);
  runconf_snapshot_unref (self->reported);
  g_clear_pointer (&self->last, runconf_change_unref);
  g_mutex_clear (&self->mutex);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) runconf_change_unref);
  g_free (self);
}

/**
 * runconf_listener_close:
 *
 * Stops the listener: nothing more is emitted, and waiting changes are dropped.
 */
void
runconf_listener_close (RunconfListener *self)
{
  g_mutex_lock (&self->mutex);
  self->is_closed = TRUE;
  g_queue_clear_full (&self->waiting, (GDestroyNotify) runconf_change_unref);
  g_mutex_unlock (&self->mutex);
}

const char *
runconf_listener_get_path (const RunconfListener *self)
{
  return self->path;
}

static gboolean
on_scheduled (gpointer user_data)
{
  RunconfListener *self = user_data;
  g_autoptr (GObject) object = g_weak_ref_get (&self->object);
  g_autoptr (RunconfChange) change = NULL;
  gboolean is_last;

  g_mutex_lock (&self->mutex);
  change = g_queue_pop_head (&self->waiting);
  is_last = g_queue_is_empty (&self->waiting);
  if (is_last)
    self->is_scheduled = FALSE;
  g_mutex_unlock (&self->mutex);

  if (object != NULL && change != NULL)
    self->emit (object, change);

  return is_last ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
schedule (RunconfListener *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_scheduled, runconf_listener_ref (self),
                         (GDestroyNotify) runconf_listener_unref);
  g_source_attach (source, self->context);
}

static GPtrArray *
make_paths (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

static void
add_unseen (GPtrArray *all, GHashTable *seen, RunconfChange *change)
{
  const char *const *paths = runconf_change_get_paths (change);

  for (guint i = 0; paths[i] != NULL; i++)
    if (g_hash_table_add (seen, g_strdup (paths[i])))
      g_ptr_array_add (all, g_strdup (paths[i]));
}

/* Returns: (transfer full): all waiting changes, merged into one */
static RunconfChange *
unite (RunconfListener *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) all = make_paths ();
  g_autoptr (RunconfChange) first = runconf_change_ref (self->waiting.head->data);
  g_autoptr (RunconfChange) last = runconf_change_ref (self->waiting.tail->data);
  RunconfChange *next;

  while ((next = g_queue_pop_head (&self->waiting)) != NULL)
    {
      g_autoptr (RunconfChange) change = next;

      add_unseen (all, seen, change);
    }

  if (all->len > RUNCONF_MAX_CHANGED_PATHS)
    {
      g_ptr_array_set_size (all, 0);
      g_ptr_array_add (all, g_strdup (self->path));
    }
  g_ptr_array_add (all, NULL);

  return runconf_change_new_united (g_steal_pointer (&all), first, last);
}

/* @paths: (transfer full): the paths, without a terminating %NULL
 *
 * Returns: (transfer full): the step from the last reported snapshot to @after
 */
static RunconfChange *
make_step (RunconfListener *self, GPtrArray *paths, guint64 version, GVariant *details,
           RunconfSnapshot *after)
{
  RunconfChange *change;

  g_ptr_array_add (paths, NULL);
  change = runconf_change_new_step (paths, version, details, self->reported, after, self->last);
  g_clear_pointer (&self->last, runconf_change_unref);
  if (!runconf_change_is_exact (change))
    self->last = runconf_change_ref (change);

  return change;
}

/* @paths: (transfer full): the paths, without a terminating %NULL */
static void
emit_later (RunconfListener *self, GPtrArray *paths, guint64 version, GVariant *details,
            RunconfSnapshot *after)
{
  g_autoptr (RunconfChange) change = NULL;
  gboolean is_first;

  if (paths->len == 0)
    {
      g_ptr_array_unref (paths);
      return;
    }

  change = make_step (self, paths, version, details, after);

  g_mutex_lock (&self->mutex);
  if (self->is_closed)
    {
      g_mutex_unlock (&self->mutex);
      return;
    }

  g_queue_push_tail (&self->waiting, g_steal_pointer (&change));
  if (self->waiting.length > MAX_WAITING)
    g_queue_push_tail (&self->waiting, unite (self));
  is_first = !self->is_scheduled;
  self->is_scheduled = TRUE;
  g_mutex_unlock (&self->mutex);

  if (is_first)
    schedule (self);
}

/* A value inside a sequence has no entry of its own, so the values are compared. */
static GPtrArray *
diff_values (RunconfListener *self, RunconfSnapshot *now)
{
  g_autoptr (GVariant) before = runconf_arena_view_get_variant (&self->reported->view, self->path);
  g_autoptr (GVariant) after = runconf_arena_view_get_variant (&now->view, self->path);
  GPtrArray *paths = make_paths ();

  if (before != after && (before == NULL || after == NULL || !g_variant_equal (before, after)))
    g_ptr_array_add (paths, g_strdup (self->path));

  return paths;
}

static gboolean
has_entry (RunconfSnapshot *snapshot, const char *path)
{
  return runconf_arena_view_find (&snapshot->view, path, strlen (path)) != NULL;
}

/* Returns: (transfer full): the paths, at and below that of the listener, that differ from the reported snapshot */
static GPtrArray *
diff (RunconfListener *self, RunconfSnapshot *now)
{
  g_autoptr (GPtrArray) paths = NULL;

  if (!has_entry (self->reported, self->path) && !has_entry (now, self->path))
    return diff_values (self, now);

  paths = runconf_arena_view_diff (&self->reported->view, &now->view, self->path);
  if (paths->len > RUNCONF_MAX_CHANGED_PATHS)
    {
      g_ptr_array_set_size (paths, 0);
      g_ptr_array_add (paths, g_strdup (self->path));
    }

  return g_steal_pointer (&paths);
}

/* A value that contains the path changed, or a sequence that the path leads into. The value at the
 * path may still be the same.
 */
static GPtrArray *
diff_if_possible (RunconfListener *self, RunconfSnapshot *now)
{
  GPtrArray *paths;

  if (runconf_snapshot_get_version (self->reported) < runconf_snapshot_get_version (now))
    return diff (self, now);

  paths = make_paths ();
  g_ptr_array_add (paths, g_strdup (self->path));

  return paths;
}

/* Returns: (transfer full): the paths that the listener reports */
static GPtrArray *
choose (RunconfListener *self, const char *const *paths, RunconfSnapshot *now)
{
  g_autoptr (GPtrArray) chosen = make_paths ();

  for (guint i = 0; paths[i] != NULL; i++)
    {
      if (runconf_path_is_below (paths[i], self->path))
        g_ptr_array_add (chosen, g_strdup (paths[i]));
      else if (runconf_path_is_below (self->path, paths[i]))
        return diff_if_possible (self, now);
    }

  return g_steal_pointer (&chosen);
}

static void
set_reported (RunconfListener *self, RunconfSnapshot *reported)
{
  if (reported == self->reported)
    return;

  runconf_snapshot_unref (self->reported);
  self->reported = runconf_snapshot_ref (reported);
}

/**
 * runconf_listener_move:
 * @fresh: the arena that has replaced the previous one
 *
 * Replaces the last reported snapshot with an equal one in the fresh arena, because a snapshot
 * keeps the memory of its arena.
 *
 * The fresh arena contains the last reported version; or, if that is older, the first version of
 * the fresh arena is equal to it, because the service announces a fresh arena after all changes
 * that the arena begins with. Later changes aren't reported yet, and will be, even if the service
 * fails.
 */
void
runconf_listener_move (RunconfListener *self, RunconfSnapshot *fresh)
{
  g_autoptr (RunconfSnapshot) reported = runconf_snapshot_get_at (fresh, self->version);

  if (reported == NULL)
    reported = runconf_snapshot_get_first (fresh);
  if (reported != NULL)
    set_reported (self, reported);
}

/**
 * runconf_listener_notify:
 * @paths: the changed paths, from the signal
 * @version: the version of the change
 * @details: the details of the signal
 * @now: the newest snapshot
 *
 * Reports a change for which the service has sent a signal.
 */
void
runconf_listener_notify (RunconfListener *self, const char *const *paths, guint64 version,
                         GVariant *details, RunconfSnapshot *now)
{
  g_autoptr (RunconfSnapshot) after = NULL;

  if (version <= self->version)
    return;

  /* a change from before the hand-over is in the previous arena only */
  after = runconf_snapshot_get_at (now, version);
  if (after == NULL)
    after = runconf_snapshot_get_at (self->reported, version);
  if (after == NULL)
    after = runconf_snapshot_ref (now);

  emit_later (self, choose (self, paths, after), version, details, after);
  set_reported (self, after);
  self->version = version;
}

/**
 * runconf_listener_notify_difference:
 * @now: the newest snapshot
 *
 * Reports all differences from the last reported snapshot, as one change.
 */
void
runconf_listener_notify_difference (RunconfListener *self, RunconfSnapshot *now)
{
  emit_later (self, diff (self, now), runconf_snapshot_get_version (now), NULL, now);
  set_reported (self, now);
  self->version = runconf_snapshot_get_version (now);
}

typedef struct
{
  RunconfListener *listener;
  GError *error;
} Failure;

static void
failure_free (gpointer data)
{
  Failure *failure = data;

  runconf_listener_unref (failure->listener);
  g_error_free (failure->error);
  g_free (failure);
}

static gboolean
on_failure (gpointer user_data)
{
  Failure *failure = user_data;
  RunconfListener *self = failure->listener;
  g_autoptr (GObject) object = g_weak_ref_get (&self->object);
  gboolean is_closed;

  g_mutex_lock (&self->mutex);
  is_closed = self->is_closed;
  g_mutex_unlock (&self->mutex);

  if (object != NULL && !is_closed)
    self->fail (object, failure->error);

  return G_SOURCE_REMOVE;
}

/**
 * runconf_listener_fail:
 * @error: the reason why changes are reported late
 *
 * Reports the error in the main context of the listener.
 */
void
runconf_listener_fail (RunconfListener *self, const GError *error)
{
  g_autoptr (GSource) source = NULL;
  Failure *failure;

  if (self->fail == NULL)
    return;

  failure = g_new (Failure, 1);
  *failure = (Failure){ runconf_listener_ref (self), g_error_copy (error) };
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_failure, failure, failure_free);
  g_source_attach (source, self->context);
}
