/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/configuration/hand-edit.h"

G_BEGIN_DECLS

/**
 * RunconfdLate:
 *
 * The texts that another process wrote into a file after the service had replaced that file. They wait
 * to be merged.
 */
typedef struct _RunconfdLate RunconfdLate;

RunconfdLate *runconfd_late_new (void);
void runconfd_late_free (RunconfdLate *self);

void runconfd_late_add (RunconfdLate *self, GBytes *text, GBytes *base);
gboolean runconfd_late_is_empty (const RunconfdLate *self);
RunconfNode *runconfd_late_merge (const RunconfdLate *self, const RunconfdHandEdit *context,
                                  const char *path, RunconfDocument **document, GError **error);
char *runconfd_late_keep (const RunconfdLate *self, const char *path);
void runconfd_late_drop (RunconfdLate *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdLate, runconfd_late_free)

G_END_DECLS
