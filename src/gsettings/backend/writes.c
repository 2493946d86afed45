/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/backend/writes.h"

#include "core/compare.h"
#include "gsettings/backend/guard.h"
#include "gsettings/backend/request.h"
#include "gsettings/backend/worker.h"
#include "gsettings/form/form.h"

/* How a write gets to the service
 *
 * A write never waits: it puts the change into the queue. The worker thread sends one call at a
 * time. The changes that are queued in the meantime become one transaction, the next call, so a
 * program that writes faster than the disk makes few transactions.
 *
 * If the service refuses a transaction of several changes, each of them is sent again by itself:
 * one wrong value doesn't take the others with it. A change that failed is dropped, and the program
 * is told that its keys have changed.
 *
 * How no change is reported twice
 *
 * The program is told of its own write at once, so the signal for it, which comes later, must not
 * be reported again. As long as a key has a queued value, reads return that, and no signal for the
 * key is reported. When the call has succeeded, reads return the value in force, which is that of
 * this change or of a later one. In the second case the program is told. The signal may still be on
 * its way then; it is recognised by its version.
 */

/* The queued value of a key. */
typedef struct
{
  GVariant *value; /* NULL for a reset */
  guint n_changes; /* the queued changes with the key */
} Entry;

/* The signals of so many of the last calls may still be on their way. */
#define N_DONE 32

/* A change that the service has made. */
typedef struct
{
  guint64 version;
  GTree *change;
} Done;

struct _RunconfBackendWrites
{
  gint ref_count; /* atomic */
  RunconfBackendOpening *opening;
  RunconfBackendWritesFunc func;
  gpointer user_data;
  GDestroyNotify destroy;

  GTree *merged; /* @sent as one change; used by the worker thread only */
  gint n_keys;   /* atomic: the size of @entries, so that reads needn't take the guard */

  /* protected by the guard */
  GHashTable *entries; /* from keys to Entry */
  GQueue waiting;      /* of GTree, from keys to values */
  GPtrArray *sent;     /* of GTree: the changes of the call that waits for its reply, or NULL */
  guint n_single;      /* the first changes that are sent by themselves */
  GCond emptied;
  Done done[N_DONE]; /* the last ones, in a ring */
  guint n_done;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->value, g_variant_unref);
  g_free (entry);
}

static void
clear_value (gpointer value)
{
  if (value != NULL)
    g_variant_unref (value);
}

/**
 * runconf_backend_change_new:
 *
 * Returns: (transfer full): a change of no keys
 */
GTree *
runconf_backend_change_new (void)
{
  return g_tree_new_full (runconf_compare_keys, NULL, g_free, clear_value);
}

/**
 * runconf_backend_change_add:
 * @value: (nullable): the value that @key gets, %NULL for a reset; sunk if floating
 */
void
runconf_backend_change_add (GTree *self, const char *key, GVariant *value)
{
  g_tree_insert (self, g_strdup (key), value != NULL ? g_variant_ref_sink (value) : NULL);
}

static gboolean
add_to_change (gpointer key, gpointer value, gpointer change)
{
  runconf_backend_change_add (change, key, value);

  return FALSE;
}

/**
 * runconf_backend_change_add_all:
 * @other: keys with values, as in @self
 */
void
runconf_backend_change_add_all (GTree *self, GTree *other)
{
  g_tree_foreach (other, add_to_change, self);
}

/* Returns: (transfer full): the changes as one */
static GTree *
merge (GPtrArray *changes)
{
  GTree *merged;

  if (changes->len == 1)
    return g_tree_ref (changes->pdata[0]);

  merged = runconf_backend_change_new ();
  for (guint i = 0; i < changes->len; i++)
    runconf_backend_change_add_all (merged, changes->pdata[i]);

  return merged;
}

/**
 * runconf_backend_writes_new:
 * @func: told of keys that don't have the written values
 *
 * Returns: (transfer full): an empty queue
 */
RunconfBackendWrites *
runconf_backend_writes_new (RunconfBackendOpening *opening, RunconfBackendWritesFunc func,
                            gpointer user_data, GDestroyNotify destroy)
{
  RunconfBackendWrites *self = g_new0 (RunconfBackendWrites, 1);

  self->ref_count = 1;
  self->opening = runconf_backend_opening_ref (opening);
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  g_queue_init (&self->waiting);
  g_cond_init (&self->emptied);

  return self;
}

RunconfBackendWrites *
runconf_backend_writes_ref (RunconfBackendWrites *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

static void
clear_change (gpointer change)
{
  g_tree_unref (change);
}

void
runconf_backend_writes_unref (RunconfBackendWrites *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  self->destroy (self->user_data);
  runconf_backend_opening_unref (self->opening);
  g_hash_table_unref (self->entries);
  for (guint i = 0; i < N_DONE; i++)
    g_clear_pointer (&self->done[i].change, g_tree_unref);
  g_queue_clear_full (&self->waiting, clear_change);
  g_cond_clear (&self->emptied);
  g_free (self);
}

/* The guard must be held. */
static gboolean
enter (gpointer key, gpointer value, gpointer data)
{
  RunconfBackendWrites *self = data;
  Entry *entry = g_hash_table_lookup (self->entries, key);

  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      g_hash_table_insert (self->entries, g_strdup (key), entry);
    }
  g_clear_pointer (&entry->value, g_variant_unref);
  entry->value = value != NULL ? g_variant_ref (value) : NULL;
  entry->n_changes++;

  return FALSE;
}

/* The guard must be held. */
static gboolean
leave (gpointer key, gpointer value, gpointer data)
{
  RunconfBackendWrites *self = data;
  Entry *entry = g_hash_table_lookup (self->entries, key);

  if (--entry->n_changes == 0)
    g_hash_table_remove (self->entries, key);

  return FALSE;
}

static void
count_keys (RunconfBackendWrites *self)
{
  g_atomic_int_set (&self->n_keys, (gint) g_hash_table_size (self->entries));
}

static void do_send (gpointer data);

static void
post_send (RunconfBackendWrites *self)
{
  runconf_backend_worker_post (do_send, runconf_backend_writes_ref (self),
                               (GDestroyNotify) runconf_backend_writes_unref);
}

/**
 * runconf_backend_writes_add:
 * @change: keys with the values that they get, %NULL for a reset; it must not change any more
 *
 * Never blocks.
 */
void
runconf_backend_writes_add (RunconfBackendWrites *self, GTree *change)
{
  gboolean is_first;

  runconf_backend_guard_lock ();
  is_first = g_queue_is_empty (&self->waiting) && self->sent == NULL;
  g_queue_push_tail (&self->waiting, g_tree_ref (change));
  g_tree_foreach (change, enter, self);
  count_keys (self);
  runconf_backend_guard_unlock ();

  if (is_first)
    post_send (self);
}

/* Returns: (transfer full) (nullable): the changes for the next call; the guard must be held */
static GPtrArray *
take_next (RunconfBackendWrites *self)
{
  guint n = self->n_single > 0 ? 1 : g_queue_get_length (&self->waiting);
  GPtrArray *changes;

  if (self->sent != NULL || g_queue_is_empty (&self->waiting))
    return NULL;

  self->n_single -= self->n_single > 0;
  changes = g_ptr_array_new_with_free_func (clear_change);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (changes, g_queue_pop_head (&self->waiting));

  return changes;
}

/* A key that gets the value NULL is reset. */
typedef struct
{
  RunconfBackendWrites *writes;
  RunconfConfiguration *configuration; /* NULL for all keys */
  GPtrArray *keys;
} Search;

static gboolean
has_value (RunconfConfiguration *configuration, const char *key, GVariant *value)
{
  g_autofree char *path = runconf_gsettings_path (key);
  g_autoptr (GVariant) found = runconf_configuration_get_value (configuration, path);
  g_autoptr (GVariant) wanted = value != NULL
                                    ? g_variant_take_ref (runconf_gsettings_pack (value, TRUE))
                                    : runconf_configuration_get_default_value (configuration, path);

  return found == wanted || (found != NULL && wanted != NULL && g_variant_equal (found, wanted));
}

/* The guard must be held. */
static gboolean
add_other (gpointer key, gpointer value, gpointer data)
{
  Search *search = data;

  if (!g_hash_table_contains (search->writes->entries, key)
      && (search->configuration == NULL || !has_value (search->configuration, key, value)))
    g_ptr_array_add (search->keys, g_strdup (key));

  return FALSE;
}

/* A key with a newer queued value keeps that. The guard must be held.
 *
 * @configuration: (nullable): if given, the keys that have the written values are left out
 *
 * Returns: (transfer full): the other keys
 */
static GPtrArray *
find_others (RunconfBackendWrites *self, GTree *merged, RunconfConfiguration *configuration)
{
  Search search = { self, configuration, g_ptr_array_new_with_free_func (g_free) };

  g_tree_foreach (merged, add_other, &search);
  g_ptr_array_add (search.keys, NULL);

  return search.keys;
}

/* The guard must be held. */
static void
drop (RunconfBackendWrites *self)
{
  if (g_queue_is_empty (&self->waiting))
    g_hash_table_remove_all (self->entries);
  else
    for (guint i = 0; i < self->sent->len; i++)
      g_tree_foreach (self->sent->pdata[i], leave, self);

  count_keys (self);
}

/* The guard must be held. */
static void
put_back (RunconfBackendWrites *self, GPtrArray *changes)
{
  self->n_single = changes->len;
  for (guint i = changes->len; i > 0; i--)
    g_queue_push_head (&self->waiting, g_tree_ref (changes->pdata[i - 1]));
}

/* The guard must be held. */
static void
end_call (RunconfBackendWrites *self)
{
  g_clear_pointer (&self->sent, g_ptr_array_unref);
  if (g_queue_is_empty (&self->waiting))
    g_cond_broadcast (&self->emptied);
}

/* The guard must be held. */
static void
note_done (RunconfBackendWrites *self, GTree *change, guint64 version)
{
  Done *done = &self->done[self->n_done++ % N_DONE];

  g_clear_pointer (&done->change, g_tree_unref);
  *done = (Done){ version, g_tree_ref (change) };
}

/* If there is a later version, another program may have changed the keys again. */
static void
conclude (RunconfBackendWrites *self, GTree *merged, guint64 version)
{
  RunconfConfiguration *configuration = runconf_backend_opening_peek (self->opening);
  g_autoptr (GPtrArray) others = NULL;

  runconf_backend_guard_lock ();
  drop (self);
  note_done (self, merged, version);
  if (runconf_configuration_get_version (configuration) != version)
    others = find_others (self, merged, configuration);
  end_call (self);
  runconf_backend_guard_unlock ();

  if (others != NULL)
    self->func ((const char *const *) others->pdata, self->user_data);
}

static void
retry_singly (RunconfBackendWrites *self)
{
  runconf_backend_guard_lock ();
  put_back (self, self->sent);
  end_call (self);
  runconf_backend_guard_unlock ();
}

static void
give_up (RunconfBackendWrites *self, GTree *merged, const GError *error)
{
  g_autoptr (GPtrArray) others = NULL;

  g_warning ("settings weren't changed: %s", error->message);
  runconf_backend_guard_lock ();
  drop (self);
  others = find_others (self, merged, NULL);
  end_call (self);
  runconf_backend_guard_unlock ();

  self->func ((const char *const *) others->pdata, self->user_data);
}

/* One of several changes may be the reason why the others are refused, too. */
static void
fail (RunconfBackendWrites *self, GTree *merged, const GError *error)
{
  if (self->sent->len > 1 && !g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE))
    retry_singly (self);
  else
    give_up (self, merged, error);
}

static void
on_applied (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfBackendWrites) self = user_data;
  g_autoptr (GTree) merged = g_steal_pointer (&self->merged);
  g_autoptr (GError) error = NULL;
  guint64 version;
  g_auto (GStrv) changed = runconf_configuration_apply_finish (RUNCONF_CONFIGURATION (object),
                                                               result, &version, &error);

  if (changed != NULL)
    conclude (self, merged, version);
  else
    fail (self, merged, error);
  do_send (self);
}

/* Returns: whether there is something to send, and no call waits for its reply */
static gboolean
begin (RunconfBackendWrites *self)
{
  gboolean is_idle;

  runconf_backend_guard_lock ();
  is_idle = self->sent == NULL;
  if (is_idle)
    self->sent = take_next (self);
  runconf_backend_guard_unlock ();

  return is_idle && self->sent != NULL;
}

static void
do_send (gpointer data)
{
  RunconfBackendWrites *self = data;
  RunconfConfiguration *configuration = runconf_backend_opening_peek (self->opening);
  g_autoptr (RunconfTransaction) transaction = NULL;

  if (!begin (self))
    return;

  self->merged = merge (self->sent);
  transaction = runconf_backend_request_new (self->merged);
  runconf_configuration_apply (configuration, transaction, NULL, on_applied,
                               runconf_backend_writes_ref (self));
}

/**
 * runconf_backend_writes_find:
 * @value: (out) (transfer full) (nullable): the queued value, %NULL for a reset
 *
 * Returns: whether there is a queued value
 */
gboolean
runconf_backend_writes_find (RunconfBackendWrites *self, const char *key, GVariant **value)
{
  const Entry *entry;

  if (G_LIKELY (g_atomic_int_get (&self->n_keys) == 0))
    return FALSE;

  runconf_backend_guard_lock ();
  entry = g_hash_table_lookup (self->entries, key);
  if (entry != NULL)
    *value = entry->value != NULL ? g_variant_ref (entry->value) : NULL;
  runconf_backend_guard_unlock ();

  return entry != NULL;
}

/* The guard must be held. */
static gboolean
is_done (RunconfBackendWrites *self, const char *key, guint64 version)
{
  for (guint i = 0; i < N_DONE; i++)
    {
      const Done *done = &self->done[i];

      if (done->change != NULL && done->version == version)
        return g_tree_lookup_extended (done->change, key, NULL, NULL);
    }

  return FALSE;
}

/**
 * runconf_backend_writes_explain:
 * @version: the version at which the value of @key changed
 *
 * Returns: whether the program knows of it already, or will be told
 */
gboolean
runconf_backend_writes_explain (RunconfBackendWrites *self, const char *key, guint64 version)
{
  gboolean is_known;

  runconf_backend_guard_lock ();
  is_known = g_hash_table_contains (self->entries, key) || is_done (self, key, version);
  runconf_backend_guard_unlock ();

  return is_known;
}

/**
 * runconf_backend_writes_sync:
 *
 * Blocks until the service has replied to all changes, or can't be reached.
 */
void
runconf_backend_writes_sync (RunconfBackendWrites *self)
{
  runconf_backend_guard_lock ();
  while (!runconf_backend_guard_is_child ()
         && (self->sent != NULL || !g_queue_is_empty (&self->waiting)))
    runconf_backend_guard_wait (&self->emptied);
  runconf_backend_guard_unlock ();
}
