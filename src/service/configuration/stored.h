/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/configuration/commit.h"
#include "service/configuration/recent.h"

G_BEGIN_DECLS

/**
 * RunconfdStored:
 *
 * What the service knows of the text in the store: the last document, its stamp, the last steps that led
 * to it, and a broken text that is there instead.
 */
typedef struct _RunconfdStored RunconfdStored;

RunconfdStored *runconfd_stored_new (RunconfLayer layer);
void runconfd_stored_free (RunconfdStored *self);

RunconfDocument *runconfd_stored_get_document (const RunconfdStored *self);
RunconfDocument *runconfd_stored_ref_document (const RunconfdStored *self);
gboolean runconfd_stored_was_read (const RunconfdStored *self);
GBytes *runconfd_stored_ref_stamp (const RunconfdStored *self);
GBytes *runconfd_stored_ref_unkept (const RunconfdStored *self);
const GError *runconfd_stored_get_broken (const RunconfdStored *self);
gboolean runconfd_stored_is_astray (const RunconfdStored *self);
RunconfdRecent *runconfd_stored_get_recent (const RunconfdStored *self);
gboolean runconfd_stored_says (const RunconfdStored *self, RunconfDocument *document);

void runconfd_stored_begin (RunconfdStored *self, RunconfDocument *document, gboolean is_astray);
void runconfd_stored_take_gone (RunconfdStored *self, GBytes *stamp);
void runconfd_stored_take_stamp (RunconfdStored *self, GBytes *stamp);
void runconfd_stored_take_failed (RunconfdStored *self, const RunconfdCommit *commit);
void runconfd_stored_take_commit (RunconfdStored *self, const RunconfRevision *before,
                                  const RunconfdCommit *commit);
void runconfd_stored_pass (RunconfdStored *self, const RunconfRevision *before,
                           const RunconfRevision *after);
void runconfd_stored_take_found (RunconfdStored *self, const GError *broken, GBytes *unkept);
void runconfd_stored_take_written (RunconfdStored *self);
void runconfd_stored_take_kept (RunconfdStored *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdStored, runconfd_stored_free)

G_END_DECLS
