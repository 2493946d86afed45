/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/* What a text carries that has no number yet: nobody but hands wrote it. */
#define RUNCONFD_NO_NUMBER G_MAXUINT64

/**
 * RunconfdRecent:
 *
 * The texts that stood in the store lately: which tree a text meant that carries a certain version,
 * and whether a text is one of them.
 */
typedef struct _RunconfdRecent RunconfdRecent;

RunconfdRecent *runconfd_recent_new (void);
void runconfd_recent_free (RunconfdRecent *self);

void runconfd_recent_add (RunconfdRecent *self, guint64 version, GBytes *stamp,
                          const RunconfNode *overrides);
const RunconfNode *runconfd_recent_find (RunconfdRecent *self, guint64 version);
gboolean runconfd_recent_has_stamp (RunconfdRecent *self, GBytes *stamp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdRecent, runconfd_recent_free)

G_END_DECLS
