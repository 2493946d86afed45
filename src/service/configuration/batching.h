/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfdBatching:
 *
 * When the next batch of changes is committed, and how many changes it takes.
 */
typedef struct _RunconfdBatching RunconfdBatching;

/* Called when the wait for further changes is over. */
typedef void (*RunconfdBatchingFunc) (gpointer user_data);

RunconfdBatching *runconfd_batching_new (RunconfdBatchingFunc ready, gpointer user_data);
void runconfd_batching_free (RunconfdBatching *self);

gboolean runconfd_batching_wait (RunconfdBatching *self, guint n_queued);
void runconfd_batching_end_wait (RunconfdBatching *self);
guint runconfd_batching_get_limit (const RunconfdBatching *self);

void runconfd_batching_note_written (RunconfdBatching *self, guint n_written, guint n_queued);
void runconfd_batching_note_too_large (RunconfdBatching *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdBatching, runconfd_batching_free)

G_END_DECLS
