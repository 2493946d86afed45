/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfdRevision:
 * @version: its number
 * @time: when it was committed, in µs since the epoch; 0 before that
 * @defaults: what shows through
 * @overrides: what stands over it
 * @effective: what readers see
 *
 * A configuration at one version. Nothing but the time changes once it is made.
 */
typedef struct
{
  guint64 version;
  gint64 time;
  RunconfNode *defaults;
  RunconfNode *overrides;
  RunconfNode *effective;
} RunconfdRevision;

RunconfdRevision *runconfd_revision_new (guint64 version, const RunconfNode *defaults,
                                         const RunconfNode *overrides, GError **error);
RunconfdRevision *runconfd_revision_next (const RunconfdRevision *self,
                                          const RunconfNode *overrides, GError **error);
RunconfdRevision *runconfd_revision_ref (RunconfdRevision *self);
void runconfd_revision_unref (RunconfdRevision *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdRevision, runconfd_revision_unref)

G_END_DECLS
