/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/revision.h"
#include "service/base/settings.h"
#include "service/change/request.h"

G_BEGIN_DECLS

/**
 * RunconfdChange:
 * @before: the revision that was in force
 * @after: the revision that replaced it
 * @prefix: the common prefix of the paths, as in `ConfigChanged`
 * @paths: (element-type utf8): the effective paths that changed; empty if none did
 * @deltas: (element-type RunconfDelta): the change of each path
 * @origin: the origin, as in `ConfigChanged`
 * @request: (nullable): the request that was carried out; %NULL for a change that the service found
 *
 * One committed step.
 */
typedef struct
{
  const RunconfRevision *before;
  const RunconfRevision *after;
  const char *prefix;
  GPtrArray *paths;
  GPtrArray *deltas;
  const char *origin;
  const RunconfdRequest *request;
} RunconfdChange;

/**
 * RunconfdInForce:
 *
 * The revision that readers see, and the shared memory in which they see it.
 */
typedef struct _RunconfdInForce RunconfdInForce;

/**
 * RunconfdInForceHooks:
 * @changed: called for each announced change
 * @snapshot_replaced: called when readers have to open a new snapshot
 * @user_data: for both
 */
typedef struct
{
  void (*changed) (const RunconfdChange *change, gpointer user_data);
  void (*snapshot_replaced) (gpointer user_data);
  gpointer user_data;
} RunconfdInForceHooks;

RunconfdInForce *runconfd_in_force_new (const RunconfdSettings *settings,
                                        const RunconfdInForceHooks *hooks);
void runconfd_in_force_free (RunconfdInForce *self);

RunconfRevision *runconfd_in_force_get (const RunconfdInForce *self);
void runconfd_in_force_set (RunconfdInForce *self, RunconfRevision *revision);
void runconfd_in_force_publish (RunconfdInForce *self);
GPtrArray *runconfd_in_force_announce (RunconfdInForce *self, RunconfRevision *before,
                                       RunconfRevision *after, const char *origin,
                                       const RunconfdRequest *request);
int runconfd_in_force_open_snapshot (RunconfdInForce *self, GError **error);

void runconfd_in_force_log (const RunconfdInForce *self, int priority, const char *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdInForce, runconfd_in_force_free)

G_END_DECLS
