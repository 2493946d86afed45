/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "service/change/request.h"
#include "service/history/archive.h"

G_BEGIN_DECLS

/**
 * RunconfdConfirmations:
 *
 * The changes that wait for a confirmation. Each is reverted when its time is over, unless it was
 * confirmed.
 */
typedef struct _RunconfdConfirmations RunconfdConfirmations;

/**
 * RunconfdConfirmationsHooks:
 * @write: writes @request (transfer full), which reverts the change that made @version, and then calls
 *   runconfd_confirmations_finish_revert()
 * @warn: logs a warning
 * @owner: (unowned): it owns the confirmations and the archive; a reference to it is held while the
 *   history is written
 * @user_data: for @write and @warn
 */
typedef struct
{
  void (*write) (guint64 version, RunconfdRequest *request, gpointer user_data);
  void (*warn) (const char *message, gpointer user_data);
  GObject *owner;
  gpointer user_data;
} RunconfdConfirmationsHooks;

RunconfdConfirmations *runconfd_confirmations_new (RunconfdArchive *archive,
                                                   const RunconfdConfirmationsHooks *hooks);
void runconfd_confirmations_free (RunconfdConfirmations *self);

void runconfd_confirmations_add (RunconfdConfirmations *self, RunconfHistoryRecord *record,
                                 gint64 remaining, gint64 now);
void runconfd_confirmations_recall (RunconfdConfirmations *self, gint64 real_now, gint64 now);
void runconfd_confirmations_check (RunconfdConfirmations *self, gint64 now);
const RunconfHistoryRecord *runconfd_confirmations_find (RunconfdConfirmations *self,
                                                         guint64 version);

void runconfd_confirmations_confirm (RunconfdConfirmations *self, guint64 version, guint uid,
                                     GTask *task);
void runconfd_confirmations_finish_revert (RunconfdConfirmations *self, guint64 version,
                                           gboolean is_reverted);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdConfirmations, runconfd_confirmations_free)

G_END_DECLS
