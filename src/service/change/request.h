/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/operation.h"
#include "layers/layer.h"
#include "rules/revision.h"
#include "service/base/uid.h"
#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfdRequest:
 * @origin: the name of the method, or another cause, as `ConfigChanged` reports it
 * @uid: the user of the caller; #RUNCONFD_UID_UNKNOWN for a request of the service itself
 * @caller: (nullable): the name of the caller on the bus, if there is one
 * @operations: (element-type RunconfOperation): the operations
 * @document: (nullable): instead of operations, the text that replaces the overrides
 * @same_as: (nullable): the revision that has the text of @document already
 * @wanted: (nullable): instead of operations, the new overrides, without secrets
 * @wanted_boot: (nullable): with @wanted, the new overrides for this boot
 * @layer: the layer that it changes; of both trees in @wanted and @wanted_boot only this one is used if
 *   @is_split
 * @is_split: whether another request changes the other layer
 * @take_back: (nullable) (element-type RunconfDelta): instead of operations, the change to undo, at
 *   each path that still has the change's value
 * @scope: (nullable) (element-type utf8): the only paths that it may change; %NULL for any
 * @message: (nullable): the caller's note on the change
 * @has_if_version: whether the configuration has to be at a certain version
 * @if_version: that version
 * @dry_run: whether it is only tried
 * @reports_overrides: whether the reply reports that the overrides changed
 * @confirm_timeout: in µs, the time until it is reverted unless confirmed; 0 for never
 *
 * A change that a caller asked for. It can be staged repeatedly, each time on the latest revision.
 */
typedef struct
{
  const char *origin;
  guint uid;
  char *caller;
  GPtrArray *operations;
  RunconfDocument *document;
  RunconfRevision *same_as;
  RunconfNode *wanted;
  RunconfNode *wanted_boot;
  RunconfLayer layer;
  gboolean is_split;
  GPtrArray *take_back;
  GPtrArray *scope;
  char *message;
  gboolean has_if_version;
  guint64 if_version;
  gboolean dry_run;
  gboolean reports_overrides;
  gint64 confirm_timeout;
} RunconfdRequest;

RunconfdRequest *runconfd_request_new (const char *origin, guint uid, const char *caller);
void runconfd_request_free (RunconfdRequest *self);
RunconfdRequest *runconfd_request_split (RunconfdRequest *self);

gboolean runconfd_request_add (RunconfdRequest *self, RunconfVerb verb, const char *path,
                               const RunconfNode *value, GError **error);
gboolean runconfd_request_check_outside (const RunconfdRequest *self, const RunconfRules *rules,
                                         GError **error);
GPtrArray *runconfd_request_find_secrets (const RunconfdRequest *self,
                                          const RunconfRevision *revision);
RunconfRevision *runconfd_request_apply (const RunconfdRequest *self, RunconfRevision *revision,
                                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdRequest, runconfd_request_free)

G_END_DECLS
