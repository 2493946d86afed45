/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/memory-private.h"

#include <unistd.h>

#include "core/diff.h"
#include "core/error.h"
#include "core/limits.h"
#include "core/mapping.h"
#include "core/merge.h"
#include "core/operation.h"
#include "core/variant.h"

/* A configuration in memory
 *
 * A program's own tests need a configuration, but no bus and no service. So a configuration can be
 * in memory: it has the defaults that the program gives, and overrides that exist as long as the
 * object. It uses the code of core/ that the service uses, so values, versions, changed paths and
 * errors are the same.
 *
 * A write happens in the thread of its caller. It publishes the new version in an arena, and passes
 * the change to the listeners before it returns. So a test that writes and then runs its main
 * context once has received the change.
 */

static void
version_free (gpointer data)
{
  RunconfMemoryVersion *version = data;

  g_free (version->message);
  runconf_node_unref (version->overrides);
  runconf_node_unref (version->effective);
  g_free (version);
}

static void
listener_unref (gpointer data)
{
  runconf_listener_unref (data);
}

/* Returns: (transfer full) (nullable): the defaults, %NULL with an error if they can't be those of a
 *   configuration
 */
static RunconfNode *
read_defaults (GVariant *defaults, GError **error)
{
  g_autoptr (RunconfNode) node = NULL;
  g_autoptr (RunconfOperation) checked = NULL;

  if (defaults == NULL)
    return runconf_mapping_new_empty ();

  node = runconf_node_from_variant (defaults, "", error);
  if (node == NULL)
    return NULL;

  checked = runconf_operation_new (RUNCONF_VERB_SET, "", node, error);

  return checked != NULL && runconf_node_check_limits (node, error) ? g_steal_pointer (&node)
                                                                    : NULL;
}

static RunconfArenaContent
make_content (const RunconfMemory *self, const RunconfMemoryVersion *version)
{
  return (RunconfArenaContent){
    .version = version->number,
    .time = version->time,
    .effective = version->effective,
    .defaults = self->defaults,
    .has_overrides = runconf_node_get_length (version->overrides) > 0,
  };
}

/* Lets readers use a fresh arena. */
static gboolean
show (RunconfMemory *self, const RunconfMemoryVersion *version, GError **error)
{
  const RunconfArenaContent content = make_content (self, version);
  RunconfArenaWriter *writer = runconf_arena_writer_new_private (&content, error);

  if (writer == NULL)
    return FALSE;

  g_clear_pointer (&self->writer, runconf_arena_writer_free);
  self->writer = writer;

  return runconf_link_show (self->link, runconf_arena_ref (runconf_arena_writer_get_arena (writer)),
                            error);
}

static gboolean
publish (RunconfMemory *self, const RunconfMemoryVersion *version, GError **error)
{
  const RunconfArenaContent before = make_content (self, runconf_memory_get_now (self));
  const RunconfArenaContent after = make_content (self, version);

  return runconf_arena_writer_publish (self->writer, &before, &after)
         || show (self, version, error);
}

static void
report_state (RunconfLink *link)
{
  g_auto (GVariantDict) properties = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GVariant) taken = NULL;

  g_variant_dict_insert (&properties, "State", "s", "ok");
  taken = g_variant_ref_sink (g_variant_dict_end (&properties));
  runconf_link_take_properties (link, taken);
  runconf_link_set_connected (link);
}

/**
 * runconf_memory_new:
 * @name: the name of the configuration
 * @defaults: (nullable): its defaults, an `a{sv}`
 *
 * Returns: (transfer full) (nullable): an open link, which owns the memory; %NULL with
 *   %RUNCONF_ERROR_INVALID_VALUE, %RUNCONF_ERROR_INVALID_PATH or %RUNCONF_ERROR_TOO_LARGE if the
 *   defaults are wrong, or %RUNCONF_ERROR_UNAVAILABLE if there is no memory
 */
RunconfLink *
runconf_memory_new (const char *name, GVariant *defaults, RunconfNotices *notices, GError **error)
{
  g_autoptr (RunconfNode) node = read_defaults (defaults, error);
  RunconfMemoryVersion *first;
  RunconfMemory *self;

  if (node == NULL)
    return NULL;

  self = g_new0 (RunconfMemory, 1);
  self->link = runconf_link_new (NULL, G_BUS_TYPE_NONE, name, notices);
  self->link->memory = self;
  g_mutex_init (&self->mutex);
  self->defaults = runconf_node_ref (node);
  self->versions = g_ptr_array_new_with_free_func (version_free);
  self->listeners = g_ptr_array_new_with_free_func (listener_unref);

  first = g_new0 (RunconfMemoryVersion, 1);
  first->overrides = runconf_mapping_new_empty ();
  first->effective = runconf_node_ref (node);
  g_ptr_array_add (self->versions, first);
  if (!show (self, first, error))
    {
      runconf_link_unref (self->link);
      return NULL;
    }

  report_state (self->link);

  return self->link;
}

/**
 * runconf_memory_free:
 *
 * Frees the memory. Only its link calls this.
 */
void
runconf_memory_free (RunconfMemory *self)
{
  g_clear_pointer (&self->writer, runconf_arena_writer_free);
  g_ptr_array_unref (self->listeners);
  g_ptr_array_unref (self->versions);
  runconf_node_unref (self->defaults);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/**
 * runconf_memory_add:
 *
 * Adds a listener. It reports the changes from now on, and those since it was made.
 */
void
runconf_memory_add (RunconfMemory *self, RunconfListener *listener)
{
  g_autoptr (RunconfSnapshot) now = NULL;

  g_mutex_lock (&self->mutex);
  now = runconf_link_get_snapshot (self->link);
  runconf_listener_notify_difference (listener, now);
  g_ptr_array_add (self->listeners, runconf_listener_ref (listener));
  g_mutex_unlock (&self->mutex);
}

void
runconf_memory_remove (RunconfMemory *self, RunconfListener *listener)
{
  g_mutex_lock (&self->mutex);
  g_ptr_array_remove (self->listeners, listener);
  g_mutex_unlock (&self->mutex);
}

/**
 * runconf_memory_get_now:
 *
 * Returns: (transfer none): the version in force
 */
const RunconfMemoryVersion *
runconf_memory_get_now (const RunconfMemory *self)
{
  return self->versions->pdata[self->versions->len - 1];
}

/**
 * runconf_memory_find:
 *
 * Returns: (transfer none) (nullable): a version, %NULL with %RUNCONF_ERROR_NOT_FOUND
 */
const RunconfMemoryVersion *
runconf_memory_find (const RunconfMemory *self, guint64 number, GError **error)
{
  const RunconfMemoryVersion *oldest = self->versions->pdata[0];
  guint64 newest = runconf_memory_get_now (self)->number;

  if (number > newest)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
                 "there is no version %" G_GUINT64_FORMAT " yet: the newest is %" G_GUINT64_FORMAT,
                 number, newest);
  else if (number < oldest->number)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
                 "version %" G_GUINT64_FORMAT
                 " isn't known any more: the oldest is %" G_GUINT64_FORMAT
                 ", since a configuration in memory remembers %d changes",
                 number, oldest->number, RUNCONF_MEMORY_MAX_CHANGES);
  else
    return self->versions->pdata[number - oldest->number];

  return NULL;
}

/* Returns: (transfer full): the details of a change, as in the signal of the service */
static GVariant *
make_details (const RunconfMemoryVersion *version)
{
  g_auto (GVariantDict) details = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&details, "origin", "s", version->origin);
  g_variant_dict_insert (&details, "uid", "u", (guint32) geteuid ());
  if (version->message != NULL)
    g_variant_dict_insert (&details, "message", "s", version->message);

  return g_variant_ref_sink (g_variant_dict_end (&details));
}

/* @changed: the paths that changed with the newest version */
static void
notify (RunconfMemory *self, GPtrArray *changed)
{
  const RunconfMemoryVersion *version = runconf_memory_get_now (self);
  g_autoptr (RunconfSnapshot) now = NULL;
  g_autoptr (GVariant) details = NULL;
  g_autoptr (GPtrArray) paths = NULL;

  if (changed->len == 0 || self->listeners->len == 0)
    return;

  now = runconf_link_get_snapshot (self->link);
  details = make_details (version);
  paths = g_ptr_array_copy (changed, NULL, NULL);
  g_ptr_array_set_free_func (paths, NULL);
  g_ptr_array_add (paths, NULL);
  for (guint i = 0; i < self->listeners->len; i++)
    runconf_listener_notify (self->listeners->pdata[i], (const char *const *) paths->pdata,
                             version->number, details, now);
}

/* @version: (transfer full) */
static void
remember (RunconfMemory *self, RunconfMemoryVersion *version)
{
  g_ptr_array_add (self->versions, version);

  /* the oldest change leads from the first version to the second one */
  if (self->versions->len > RUNCONF_MEMORY_MAX_CHANGES + 1)
    g_ptr_array_remove_index (self->versions, 0);
}

static RunconfMemoryVersion *
version_new (const RunconfMemory *self, const RunconfMemoryChange *change)
{
  const RunconfMemoryVersion *now = runconf_memory_get_now (self);
  RunconfMemoryVersion *version = g_new0 (RunconfMemoryVersion, 1);

  version->number = now->number + 1;
  version->time = g_get_real_time ();
  version->origin = change->origin;
  version->message = g_strdup (change->options->message);
  version->overrides = runconf_node_ref (change->overrides);
  version->effective
      = runconf_merge_update (self->defaults, now->overrides, now->effective, change->overrides);

  return version;
}

/**
 * runconf_memory_change:
 * @paths: (out) (transfer full) (nullable) (element-type utf8): the paths that changed; %NULL if a
 *   change that isn't a dry run changed no override
 *
 * Changes the overrides, and passes the change to the listeners; or tries it.
 *
 * Returns: %FALSE with an error
 */
gboolean
runconf_memory_change (RunconfMemory *self, const RunconfMemoryChange *change, GPtrArray **paths,
                       GError **error)
{
  const RunconfMemoryVersion *before = runconf_memory_get_now (self);
  g_autoptr (GPtrArray) deltas = NULL;
  RunconfMemoryVersion *after;

  *paths = NULL;
  if (runconf_node_equal (change->overrides, before->overrides))
    {
      if (change->options->dry_run)
        *paths = g_ptr_array_new_with_free_func (g_free);
      return TRUE;
    }

  after = version_new (self, change);
  if (!runconf_node_check_limits (after->effective, error)
      || (!change->options->dry_run && !publish (self, after, error)))
    {
      version_free (after);
      return FALSE;
    }

  deltas = runconf_diff (before->effective, after->effective);
  *paths = runconf_diff_get_paths (deltas, RUNCONF_MAX_CHANGED_PATHS);
  if (change->options->dry_run)
    {
      version_free (after);
      return TRUE;
    }

  remember (self, after);
  runconf_link_note_version (self->link);
  notify (self, *paths);

  return TRUE;
}
