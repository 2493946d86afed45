/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/operation.h"
#include "service/revision.h"
#include "service/uid.h"
#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfdRequest:
 * @origin: what asked for it: the name of the method, as `ConfigChanged` tells it
 * @uid: the user of the caller; #RUNCONFD_UID_UNKNOWN for a change that no call asked for
 * @caller: (nullable): their name on the bus, if there is one
 * @operations: (element-type RunconfOperation): what is to be done
 * @document: (nullable): instead of operations, the text that replaces the overrides
 * @same_as: (nullable): the revision that @document is the text of already
 * @wanted: (nullable): instead of operations, what the overrides become, without secrets
 * @take_back: (nullable) (element-type RunconfDelta): instead of operations, what is put back, each
 *   path that is still what it was changed to
 * @scope: (nullable) (element-type utf8): all that it may change; %NULL for whatever it wants to
 * @message: (nullable): what the change is for
 * @has_if_version: whether the configuration has to be at a certain version
 * @if_version: that version
 * @dry_run: whether it is only tried
 * @reports_overrides: whether the reply reports that the overrides changed
 * @confirm_timeout: in µs, how long it stays unless it is confirmed; 0 for ever
 *
 * A change that a caller wants. It can be staged again and again, on whatever came in between.
 */
typedef struct
{
  const char *origin;
  guint uid;
  char *caller;
  GPtrArray *operations;
  RunconfDocument *document;
  RunconfdRevision *same_as;
  RunconfNode *wanted;
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

gboolean runconfd_request_add (RunconfdRequest *self, RunconfVerb verb, const char *path,
                               const RunconfNode *value, GError **error);
gboolean runconfd_request_check_outside (const RunconfdRequest *self, const RunconfdRules *rules,
                                         GError **error);
GPtrArray *runconfd_request_find_secrets (const RunconfdRequest *self,
                                          const RunconfdRevision *revision);
RunconfdRevision *runconfd_request_apply (const RunconfdRequest *self, RunconfdRevision *revision,
                                          GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdRequest, runconfd_request_free)

G_END_DECLS
