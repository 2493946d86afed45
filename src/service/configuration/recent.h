/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/layer.h"
#include "rules/revision.h"
#include "service/history/archive.h"

G_BEGIN_DECLS

/**
 * RunconfdStep:
 * @since: the version before
 * @version: the version after
 * @time: of the change, in µs since the epoch
 * @keeps_number: whether Runconf wrote no text for it, so that the text in the store has the number
 *   of an older version
 * @lacks_secrets: whether changes of secrets are left out of @deltas
 * @deltas: (element-type RunconfDelta): its changes of the overrides in one layer
 *
 * The step from one version to a later one.
 */
typedef struct
{
  guint64 since;
  guint64 version;
  gint64 time;
  gboolean keeps_number;
  gboolean lacks_secrets;
  GPtrArray *deltas;
} RunconfdStep;

/**
 * RunconfdRecent:
 *
 * The last steps and the stamps of the last texts of one layer, within a small budget of memory. The history has
 * the older ones, and all of them after a restart.
 */
typedef struct _RunconfdRecent RunconfdRecent;

RunconfdRecent *runconfd_recent_new (RunconfLayer layer);
void runconfd_recent_free (RunconfdRecent *self);

void runconfd_recent_add (RunconfdRecent *self, const RunconfRevision *before,
                          const RunconfRevision *after, GBytes *stamp, gboolean keeps_number);
GPtrArray *runconfd_recent_list (RunconfdRecent *self, RunconfdArchive *archive, guint64 version);
gboolean runconfd_recent_has_stamp (RunconfdRecent *self, RunconfdArchive *archive, GBytes *stamp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdRecent, runconfd_recent_free)

G_END_DECLS
