/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/history.h"

G_BEGIN_DECLS

/**
 * RunconfdWaiting:
 *
 * The changes that go back by themselves unless somebody confirms them.
 */
typedef struct _RunconfdWaiting RunconfdWaiting;

/* Told that a change is due to go back. */
typedef void (*RunconfdWaitingFunc) (const RunconfHistoryRecord *record, gpointer user_data);

RunconfdWaiting *runconfd_waiting_new (RunconfdWaitingFunc due, gpointer user_data);
void runconfd_waiting_free (RunconfdWaiting *self);

void runconfd_waiting_add (RunconfdWaiting *self, RunconfHistoryRecord *record, gint64 remaining);
const RunconfHistoryRecord *runconfd_waiting_find (RunconfdWaiting *self, guint64 version);
gboolean runconfd_waiting_is_covered (RunconfdWaiting *self, guint64 version);
void runconfd_waiting_pause (RunconfdWaiting *self, guint64 version);
void runconfd_waiting_resume (RunconfdWaiting *self, guint64 version);
void runconfd_waiting_remove (RunconfdWaiting *self, guint64 version);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdWaiting, runconfd_waiting_free)

G_END_DECLS
