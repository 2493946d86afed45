/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/in-force.h"

#include "core/diff.h"
#include "core/escape.h"
#include "core/limits.h"
#include "service/base/log.h"
#include "service/configuration/snapshots.h"

struct _RunconfdInForce
{
  char *name;
  RunconfRevision *current; /* NULL until the files were read once */
  RunconfdSnapshots *snapshots;
  guint replaced; /* the source that reports a new snapshot, or 0 */
  RunconfdInForceHooks hooks;
};

/**
 * runconfd_in_force_new:
 * @settings: of the configuration
 */
RunconfdInForce *
runconfd_in_force_new (const RunconfdSettings *settings, const RunconfdInForceHooks *hooks)
{
  RunconfdInForce *self = g_new0 (RunconfdInForce, 1);

  self->name = g_strdup (settings->name);
  self->snapshots = runconfd_snapshots_new (settings);
  self->hooks = *hooks;

  return self;
}

void
runconfd_in_force_free (RunconfdInForce *self)
{
  g_clear_handle_id (&self->replaced, g_source_remove);
  g_clear_pointer (&self->current, runconf_revision_unref);
  runconfd_snapshots_free (self->snapshots);
  g_free (self->name);
  g_free (self);
}

/**
 * runconfd_in_force_get:
 *
 * Returns: (transfer none) (nullable): the revision in force; %NULL until the files were read once
 */
RunconfRevision *
runconfd_in_force_get (const RunconfdInForce *self)
{
  return self->current;
}

/**
 * runconfd_in_force_set:
 *
 * Puts a revision in force. Readers of the shared memory see it after runconfd_in_force_publish().
 */
void
runconfd_in_force_set (RunconfdInForce *self, RunconfRevision *revision)
{
  runconf_revision_ref (revision);
  g_clear_pointer (&self->current, runconf_revision_unref);
  self->current = revision;
}

static void
on_replaced (gpointer data)
{
  RunconfdInForce *self = data;

  self->replaced = 0;
  self->hooks.snapshot_replaced (self->hooks.user_data);
}

/**
 * runconfd_in_force_publish:
 *
 * Writes the revision in force into the shared memory. A new snapshot is reported after the signals of
 * the changes that are in it, so that its readers don't get these signals again.
 */
void
runconfd_in_force_publish (RunconfdInForce *self)
{
  g_autoptr (GError) error = NULL;

  if (runconfd_snapshots_publish (self->snapshots, self->current, &error) && self->replaced == 0)
    self->replaced = g_timeout_add_once (0, on_replaced, self);
  if (error != NULL)
    runconfd_in_force_log (self, LOG_WARNING, error->message);
}

/**
 * runconfd_in_force_announce:
 * @origin: the origin of the change, as in `ConfigChanged`
 * @request: (nullable): the request that was carried out
 *
 * Logs and reports a change that is in force.
 *
 * Returns: (transfer full) (element-type utf8): the effective paths that changed
 */
GPtrArray *
runconfd_in_force_announce (RunconfdInForce *self, RunconfRevision *before, RunconfRevision *after,
                            const char *origin, const RunconfdRequest *request)
{
  g_autoptr (GPtrArray) deltas = runconf_diff (before->visible, after->visible);
  g_autoptr (GPtrArray) paths = runconf_diff_get_paths (deltas, RUNCONF_MAX_CHANGED_PATHS);
  g_autofree char *prefix = paths->len > 0 ? runconf_paths_get_prefix (paths) : g_strdup ("/");
  g_autofree char *shown = runconf_escape (prefix, -1);
  const RunconfdChange change = {
    .prefix = prefix,
    .before = before,
    .after = after,
    .paths = paths,
    .deltas = deltas,
    .origin = origin,
    .request = request,
  };

  runconfd_log (LOG_INFO, self->name, after->version, prefix,
                "version %" G_GUINT64_FORMAT " (%s): %u changed below %s", after->version, origin,
                deltas->len, shown);
  self->hooks.changed (&change, self->hooks.user_data);

  return g_steal_pointer (&paths);
}

/**
 * runconfd_in_force_open_snapshot:
 *
 * Returns: a file descriptor of the shared memory with the revision in force, or -1 with an error
 */
int
runconfd_in_force_open_snapshot (RunconfdInForce *self, GError **error)
{
  return runconfd_snapshots_open (self->snapshots, self->current, error);
}

/**
 * runconfd_in_force_log:
 * @priority: of syslog
 *
 * Logs a message of the configuration, with the version in force.
 */
void
runconfd_in_force_log (const RunconfdInForce *self, int priority, const char *message)
{
  runconfd_log (priority, self->name, self->current->version, NULL, "%s", message);
}
