/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/record.h"

#include "core/diff.h"

/* Returns: (transfer full) (element-type RunconfDelta): the changes of the layer without secrets */
static GPtrArray *
diff_layer (RunconfLayer layer, const RunconfRevision *before, const RunconfRevision *after)
{
  const RunconfRules *rules = after->ground->rules;
  g_autoptr (RunconfNode) from
      = runconf_rules_strip (rules, runconf_revision_get_tree (before, layer));
  g_autoptr (RunconfNode) to
      = runconf_rules_strip (rules, runconf_revision_get_tree (after, layer));

  return runconf_diff (from, to);
}

/**
 * runconfd_record_new:
 * @layer: the layer that changed
 * @before: (nullable): the revision before, if it is known
 * @after: the revision after, with its time
 * @origin: the cause of the change
 * @request: (nullable): the request, if a caller made one
 *
 * Returns: (transfer full): the record of a change for the history
 */
RunconfHistoryRecord *
runconfd_record_new (RunconfLayer layer, const RunconfRevision *before,
                     const RunconfRevision *after, const char *origin,
                     const RunconfdRequest *request)
{
  RunconfHistoryRecord *self = g_new0 (RunconfHistoryRecord, 1);

  self->is_boot = layer == RUNCONF_LAYER_BOOT;
  self->version = after->version;
  self->time = after->time;
  self->origin = g_strdup (origin);
  self->uid = RUNCONF_HISTORY_NO_UID;
  if (before != NULL)
    self->deltas = diff_layer (layer, before, after);

  if (request == NULL)
    return self;

  if (request->uid != RUNCONFD_UID_UNKNOWN)
    self->uid = request->uid;
  self->caller = g_strdup (request->caller);
  self->message = g_strdup (request->message);
  if (request->confirm_timeout > 0)
    {
      self->timeout = request->confirm_timeout;
      self->deadline = after->time + request->confirm_timeout;
    }

  return self;
}
