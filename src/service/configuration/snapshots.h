/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/revision.h"
#include "service/base/settings.h"

G_BEGIN_DECLS

/**
 * RunconfdSnapshots:
 *
 * The shared memory of a configuration, which readers map. It is made when the first reader asks.
 */
typedef struct _RunconfdSnapshots RunconfdSnapshots;

RunconfdSnapshots *runconfd_snapshots_new (const RunconfdSettings *settings);
void runconfd_snapshots_free (RunconfdSnapshots *self);

int runconfd_snapshots_open (RunconfdSnapshots *self, RunconfRevision *revision, GError **error);
gboolean runconfd_snapshots_publish (RunconfdSnapshots *self, RunconfRevision *revision,
                                     GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdSnapshots, runconfd_snapshots_free)

G_END_DECLS
