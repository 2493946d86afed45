/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/watch/feed.h"

#include <string.h>

#include "core/edit.h"
#include "core/mapping.h"
#include "core/variant.h"

/* Each change is reported with its own values, even if changes are frequent: the library's watch emits
 * them. This file applies them to a tree of the watched paths; a report is the difference between the
 * old and the new tree. When the watch reports several changes as one, the tree is read anew.
 *
 * One watch is for all paths, so that a change of several paths is one report.
 */
struct _CliFeed
{
  CliFeedEvents events;
  gpointer data;
  RunconfConfiguration *configuration;
  RunconfWatch *watch;
  GDBusConnection *connection;
  GPtrArray *paths;  /* element-type RunconfPath: none is below another */
  RunconfNode *tree; /* the values of the watched paths, each at its path; nothing else */
  guint64 version;   /* of the tree */
  gboolean is_connected;
  gulong connected_id;
  gulong closed_id;
};

static gboolean
is_covered (char **paths, guint position)
{
  for (guint i = 0; paths[i] != NULL; i++)
    {
      gboolean is_same = g_str_equal (paths[i], paths[position]);

      if (i != position && runconf_path_is_below (paths[position], paths[i])
          && (!is_same || i < position))
        return TRUE;
    }

  return FALSE;
}

/* Returns: (transfer full): the paths that aren't at or below another one of them; the root if
 * there are none
 */
static GPtrArray *
choose_paths (char **paths)
{
  static const char *const everything[] = { "", NULL };
  char **all = *paths != NULL ? paths : (char **) everything;
  GPtrArray *chosen = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_path_free);

  for (guint i = 0; all[i] != NULL; i++)
    if (!is_covered (all, i))
      g_ptr_array_add (chosen, runconf_path_new (all[i], NULL));

  return chosen;
}

/* Returns: (transfer full): the values in force at the paths */
static RunconfNode *
take_stock (CliFeed *self, RunconfSnapshot *snapshot)
{
  RunconfNode *tree = runconf_mapping_new_empty ();

  for (guint i = 0; i < self->paths->len; i++)
    {
      const RunconfPath *path = self->paths->pdata[i];
      const char *pointer = runconf_path_get_pointer (path);
      g_autoptr (GVariant) value = runconf_snapshot_get_value (snapshot, pointer);
      g_autoptr (RunconfNode) node
          = value != NULL ? runconf_node_from_variant (value, pointer, NULL) : NULL;
      g_autoptr (RunconfNode) before = tree;

      tree = node != NULL ? runconf_edit_set (before, path, 0, node) : runconf_node_ref (before);
    }

  return tree;
}

/* Reports the difference and replaces the tree. @tree: (transfer full): the new tree */
static void
move_on (CliFeed *self, RunconfNode *tree, guint64 version)
{
  g_autoptr (GPtrArray) deltas = runconf_diff (self->tree, tree);

  runconf_node_unref (self->tree);
  self->tree = tree;
  self->version = version;
  if (deltas->len > 0)
    self->events.changed (version, deltas, self->data);
}

static void
take_stock_anew (CliFeed *self)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (self->configuration);

  move_on (self, take_stock (self, snapshot), runconf_snapshot_get_version (snapshot));
}

static void
add_delta (GPtrArray *deltas, const char *path, const RunconfNode *value)
{
  RunconfNode *new_value = value != NULL ? runconf_node_ref (value) : NULL;

  g_ptr_array_add (deltas, runconf_delta_new (path, NULL, new_value));
}

static void
remove_from (RunconfNode **tree, const RunconfPath *path)
{
  RunconfNode *before = *tree;

  *tree = runconf_edit_remove (before, path, 0);
  runconf_node_unref (before);
}

/* Removes a watched value. If it is a mapping, the signal stands for all values below it; if it is
 * a leaf, it may have become a mapping, whose leaves are in the signal too.
 */
static void
take_loss (RunconfNode **tree, GPtrArray *deltas, const char *pointer)
{
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);
  const RunconfNode *there = runconf_node_find (*tree, path, NULL);

  if (there != NULL && !runconf_node_is_leaf (there))
    remove_from (tree, path);
  else
    add_delta (deltas, pointer, NULL);
}

/* Applies a change of @path, above a watched path, to @value, or its removal. */
static void
take_above (RunconfNode **tree, GPtrArray *deltas, const RunconfPath *watched, const char *path,
            const RunconfNode *value)
{
  const char *rest = runconf_path_get_pointer (watched) + strlen (path);
  g_autoptr (RunconfPath) below = runconf_path_new (rest, NULL);
  const RunconfNode *found = value != NULL ? runconf_node_find (value, below, NULL) : NULL;

  if (found != NULL)
    add_delta (deltas, runconf_path_get_pointer (watched), found);
  else
    remove_from (tree, watched);
}

static void
take_path (CliFeed *self, RunconfNode **tree, GPtrArray *deltas, const char *path,
           const RunconfNode *value)
{
  for (guint i = 0; i < self->paths->len; i++)
    {
      const RunconfPath *watched = self->paths->pdata[i];
      const char *pointer = runconf_path_get_pointer (watched);

      if (runconf_path_is_below (path, pointer) && value != NULL)
        add_delta (deltas, path, value);
      else if (runconf_path_is_below (path, pointer))
        take_loss (tree, deltas, path);
      else if (runconf_path_is_below (pointer, path))
        take_above (tree, deltas, watched, path, value);
    }
}

static void
take_values (CliFeed *self, RunconfChange *change)
{
  g_autoptr (GPtrArray) deltas = runconf_deltas_new ();
  g_autoptr (RunconfNode) tree = runconf_node_ref (self->tree);

  for (const char *const *path = runconf_change_get_paths (change); *path != NULL; path++)
    {
      g_autoptr (GVariant) value = runconf_change_get_new_value (change, *path);
      g_autoptr (RunconfNode) node
          = value != NULL ? runconf_node_from_variant (value, *path, NULL) : NULL;

      take_path (self, &tree, deltas, *path, node);
    }

  move_on (self, runconf_diff_apply (tree, deltas), runconf_change_get_version (change));
}

/* Several changes that are reported as one have no origin, and each path may be replaced as a whole. */
static gboolean
is_one_step (RunconfChange *change)
{
  return runconf_change_get_origin (change) != NULL
         && !g_strv_contains (runconf_change_get_paths (change), "");
}

static void
on_changed (CliFeed *self, RunconfChange *change)
{
  /* the tree may have been read since the change */
  if (runconf_change_get_version (change) <= self->version)
    return;

  if (is_one_step (change))
    take_values (self, change);
  else
    take_stock_anew (self);
}

static void
on_connected (CliFeed *self)
{
  gboolean is_connected = runconf_configuration_get_connected (self->configuration);

  if (is_connected == self->is_connected)
    return;

  self->is_connected = is_connected;
  self->events.connected (is_connected, self->data);
}

static void
on_closed (CliFeed *self)
{
  self->events.closed (self->data);
}

/**
 * cli_feed_new:
 * @paths: the JSON Pointers to watch, which need not have a value; everything if there are none
 * @events: the callbacks
 *
 * Returns: (transfer full): a feed that reports all changes from now on, or %NULL with an error
 */
CliFeed *
cli_feed_new (CliSession *session, char **paths, const CliFeedEvents *events, gpointer data,
              GError **error)
{
  RunconfConfiguration *configuration = cli_session_open (session, error);
  g_autoptr (CliFeed) self = NULL;
  g_autoptr (RunconfSnapshot) snapshot = NULL;

  if (configuration == NULL)
    return NULL;

  self = g_new0 (CliFeed, 1);
  self->events = *events;
  self->data = data;
  self->configuration = g_object_ref (configuration);
  self->connection = g_object_ref (cli_session_connect (session, NULL));
  self->paths = choose_paths (paths);
  self->is_connected = runconf_configuration_get_connected (configuration);
  g_dbus_connection_set_exit_on_close (self->connection, FALSE);
  self->closed_id
      = g_signal_connect_swapped (self->connection, "closed", G_CALLBACK (on_closed), self);
  self->connected_id = g_signal_connect_swapped (configuration, "notify::connected",
                                                 G_CALLBACK (on_connected), self);
  self->watch = runconf_configuration_watch (configuration, "", error);
  if (self->watch == NULL)
    return NULL;

  g_signal_connect_swapped (self->watch, "changed", G_CALLBACK (on_changed), self);
  snapshot = runconf_configuration_get_snapshot (configuration);
  self->version = runconf_snapshot_get_version (snapshot);
  self->tree = take_stock (self, snapshot);

  return g_steal_pointer (&self);
}

void
cli_feed_free (CliFeed *self)
{
  if (self->watch != NULL)
    g_signal_handlers_disconnect_by_data (self->watch, self);
  g_clear_object (&self->watch);
  g_clear_signal_handler (&self->closed_id, self->connection);
  g_clear_signal_handler (&self->connected_id, self->configuration);
  g_object_unref (self->connection);
  g_object_unref (self->configuration);
  g_ptr_array_unref (self->paths);
  g_clear_pointer (&self->tree, runconf_node_unref);
  g_free (self);
}

/**
 * cli_feed_report_all:
 *
 * Reports the current values at the paths as if they had just been added, even if there are none.
 */
void
cli_feed_report_all (CliFeed *self)
{
  g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();
  g_autoptr (GPtrArray) deltas = runconf_diff (nothing, self->tree);

  self->events.changed (self->version, deltas, self->data);
}
