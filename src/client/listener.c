/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/listener.h"

#include <string.h>

#include "core/limits.h"
#include "core/object-path.h"
#include "core/path.h"

/* The bus takes no longer rule. */
#define MAX_RULE_LENGTH 1024

/* As many changes may wait for a main context that doesn't turn; then they become one. */
#define MAX_WAITING 256

struct _RunconfListener
{
  gint ref_count; /* atomic */
  char *path;
  GMainContext *context;
  GWeakRef object;
  RunconfListenerFunc emit;

  /* the worker's: what was told, and up to which version the signals are in it */
  RunconfSnapshot *reported;
  guint64 version;

  GMutex mutex;   /* of what follows */
  GQueue waiting; /* of paths that aren't emitted yet */
  gboolean is_scheduled;
  gboolean is_closed;
};

/**
 * runconf_listener_new:
 * @path: a JSON Pointer
 * @base: what is known without being told
 * @object: what the changes are emitted on, which isn't kept alive
 * @context: in which they are emitted
 *
 * Returns: (transfer full): a listener that hears nothing yet
 */
RunconfListener *
runconf_listener_new (const char *path, RunconfSnapshot *base, GObject *object,
                      GMainContext *context, RunconfListenerFunc emit)
{
  RunconfListener *self = g_new0 (RunconfListener, 1);

  self->ref_count = 1;
  self->path = g_strdup (path);
  self->context = g_main_context_ref (context);
  g_weak_ref_init (&self->object, object);
  self->emit = emit;
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
  g_mutex_clear (&self->mutex);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) g_ptr_array_unref);
  g_free (self);
}

/**
 * runconf_listener_close:
 *
 * Nothing is emitted from here on, whatever waits.
 */
void
runconf_listener_close (RunconfListener *self)
{
  g_mutex_lock (&self->mutex);
  self->is_closed = TRUE;
  g_queue_clear_full (&self->waiting, (GDestroyNotify) g_ptr_array_unref);
  g_mutex_unlock (&self->mutex);
}

const char *
runconf_listener_get_path (const RunconfListener *self)
{
  return self->path;
}

/* Returns: how much of the path, in whole segments, can stand in a rule of the bus */
static gsize
get_safe_length (const char *path, gsize max_length)
{
  gsize length = strcspn (path, "'\\");

  if (path[length] == '\0' && length <= max_length)
    return length;

  for (length = MIN (length, max_length); length > 0 && path[length] != '/'; length--)
    continue;

  return length;
}

/**
 * runconf_listener_make_rule:
 * @object_path: of the configuration
 *
 * The prefix of a change, which is the first argument of its signal, always ends in a slash, and
 * the bus finds that it matches an `arg0path` if one of them is a prefix of the other and ends in a
 * slash. A change of the leaf `/a/b` has the prefix `/a/`, one below `/a/b` has `/a/b/` or a longer
 * one: with `/a/b/` in the rule both are heard, and so is a change of more than that. Changes of
 * what stands beside it come as well, and are left out by their paths.
 *
 * A path that a rule can't carry is heard with what is above it.
 *
 * Returns: (transfer full): what the bus is to be told
 */
char *
runconf_listener_make_rule (const RunconfListener *self, const char *object_path)
{
  g_autofree char *all
      = g_strdup_printf ("type='signal',sender='" RUNCONF_BUS_NAME
                         "',path='%s',interface='" RUNCONF_INTERFACE "',member='ConfigChanged'",
                         object_path);
  gsize room = MAX_RULE_LENGTH - strlen (all) - strlen (",arg0path='/'");
  gsize length = get_safe_length (self->path, room);

  if (length == 0)
    return g_steal_pointer (&all);

  return g_strdup_printf ("%s,arg0path='%.*s/'", all, (int) length, self->path);
}

static gboolean
on_scheduled (gpointer user_data)
{
  RunconfListener *self = user_data;
  g_autoptr (GObject) object = g_weak_ref_get (&self->object);
  g_autoptr (GPtrArray) paths = NULL;
  gboolean is_last;

  g_mutex_lock (&self->mutex);
  paths = g_queue_pop_head (&self->waiting);
  is_last = g_queue_is_empty (&self->waiting);
  if (is_last)
    self->is_scheduled = FALSE;
  g_mutex_unlock (&self->mutex);

  if (object != NULL && paths != NULL)
    self->emit (object, (const char *const *) paths->pdata);

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

/* Returns: (transfer full): one change of all those that wait */
static GPtrArray *
unite (RunconfListener *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) all = make_paths ();
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  GPtrArray *paths;

  while ((paths = g_queue_pop_head (&self->waiting)) != NULL)
    {
      g_ptr_array_add (lists, paths);
      for (guint i = 0; paths->pdata[i] != NULL; i++)
        if (g_hash_table_add (seen, paths->pdata[i]))
          g_ptr_array_add (all, g_strdup (paths->pdata[i]));
    }

  if (all->len > RUNCONF_MAX_CHANGED_PATHS)
    {
      g_ptr_array_set_size (all, 0);
      g_ptr_array_add (all, g_strdup (self->path));
    }
  g_ptr_array_add (all, NULL);

  return g_steal_pointer (&all);
}

/* @paths: (transfer full): without an end mark */
static void
emit_later (RunconfListener *self, GPtrArray *paths)
{
  gboolean is_first;

  if (paths->len == 0)
    {
      g_ptr_array_unref (paths);
      return;
    }
  g_ptr_array_add (paths, NULL);

  g_mutex_lock (&self->mutex);
  if (self->is_closed)
    {
      g_mutex_unlock (&self->mutex);
      g_ptr_array_unref (paths);
      return;
    }

  g_queue_push_tail (&self->waiting, paths);
  if (self->waiting.length > MAX_WAITING)
    g_queue_push_tail (&self->waiting, unite (self));
  is_first = !self->is_scheduled;
  self->is_scheduled = TRUE;
  g_mutex_unlock (&self->mutex);

  if (is_first)
    schedule (self);
}

/* What stands in a sequence has no entry of its own: the values are compared. */
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

/* Returns: (transfer full): what differs, at and below the path, from what was told */
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

/* Something that contains the path changed, or a sequence that it leads into: that need not have
 * changed anything here.
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

/* Returns: (transfer full): those of the paths that concern the listener */
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
 * @fresh: the arena that took the place of the one before
 *
 * The memory of an arena is kept for as long as something was told from it. So what was told is
 * looked for in the fresh one: it is there at the version that was told last, or, where that is
 * older, at the first, since the service tells of a fresh arena behind all that it begins with. What
 * came after isn't told yet, and is told whatever happens to the service.
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
 * @paths: what a signal says that changed
 * @version: of the change
 * @now: what is in force
 */
void
runconf_listener_notify (RunconfListener *self, const char *const *paths, guint64 version,
                         RunconfSnapshot *now)
{
  g_autoptr (RunconfSnapshot) after = NULL;

  if (version <= self->version)
    return;

  /* a change that was made before the hand-over is in the arena of before alone */
  after = runconf_snapshot_get_at (now, version);
  if (after == NULL)
    after = runconf_snapshot_get_at (self->reported, version);
  if (after == NULL)
    after = runconf_snapshot_ref (now);

  emit_later (self, choose (self, paths, after));
  set_reported (self, after);
  self->version = version;
}

/**
 * runconf_listener_notify_difference:
 * @now: what is in force
 *
 * Tells all that differs from what was told, as one change.
 */
void
runconf_listener_notify_difference (RunconfListener *self, RunconfSnapshot *now)
{
  emit_later (self, diff (self, now));
  set_reported (self, now);
  self->version = runconf_snapshot_get_version (now);
}
