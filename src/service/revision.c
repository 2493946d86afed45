/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/revision.h"

#include "core/merge.h"

static RunconfdRevision *
take (guint64 version, const RunconfNode *defaults, const RunconfNode *overrides,
      RunconfNode *effective, GError **error)
{
  g_autoptr (RunconfNode) owned = effective;
  RunconfdRevision *self;

  if (!runconf_node_check_limits (effective, error))
    return NULL;

  self = g_atomic_rc_box_new0 (RunconfdRevision);
  self->version = version;
  self->defaults = runconf_node_ref (defaults);
  self->overrides = runconf_node_ref (overrides);
  self->effective = g_steal_pointer (&owned);

  return self;
}

/**
 * runconfd_revision_new:
 *
 * Returns: (transfer full) (nullable): the revision, or %NULL with %RUNCONF_ERROR_TOO_LARGE if the
 *   two layers together are past a limit
 */
RunconfdRevision *
runconfd_revision_new (guint64 version, const RunconfNode *defaults, const RunconfNode *overrides,
                       GError **error)
{
  return take (version, defaults, overrides, runconf_merge (defaults, overrides), error);
}

/**
 * runconfd_revision_next:
 *
 * Costs what differs between the old overrides and the new ones.
 *
 * Returns: (transfer full) (nullable): the revision after @self, or %NULL with
 *   %RUNCONF_ERROR_TOO_LARGE
 */
RunconfdRevision *
runconfd_revision_next (const RunconfdRevision *self, const RunconfNode *overrides, GError **error)
{
  RunconfNode *effective
      = runconf_merge_update (self->defaults, self->overrides, self->effective, overrides);

  return take (self->version + 1, self->defaults, overrides, effective, error);
}

RunconfdRevision *
runconfd_revision_ref (RunconfdRevision *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (RunconfdRevision *self)
{
  runconf_node_unref (self->defaults);
  runconf_node_unref (self->overrides);
  runconf_node_unref (self->effective);
}

void
runconfd_revision_unref (RunconfdRevision *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}
