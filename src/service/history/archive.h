/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/history/history-batch.h"
#include "store/state.h"

G_BEGIN_DECLS

/**
 * RunconfdArchive:
 *
 * The history of a configuration, for any thread at any time. Its errors never stop a change: a
 * change that can't be kept is missing in the history, and runconfd_archive_dup_trouble() returns
 * the reason.
 */
typedef struct _RunconfdArchive RunconfdArchive;

RunconfdArchive *runconfd_archive_new (const char *path, const RunconfHistoryLimits *limits,
                                       RunconfState *state);
RunconfdArchive *runconfd_archive_new_off (void);
void runconfd_archive_free (RunconfdArchive *self);

gboolean runconfd_archive_is_off (RunconfdArchive *self);
char *runconfd_archive_dup_trouble (RunconfdArchive *self);

/* at a start */
guint64 runconfd_archive_reconcile (RunconfdArchive *self, GBytes *text, GBytes *boot_text,
                                    guint64 recorded, gboolean is_known, gboolean is_settled,
                                    gboolean *is_newest);
GBytes *runconfd_archive_get_boot_text (RunconfdArchive *self);
GBytes *runconfd_archive_get_text (RunconfdArchive *self, guint64 *version);
GPtrArray *runconfd_archive_list_waiting (RunconfdArchive *self);

/* with each change */
gboolean runconfd_archive_prepare (RunconfdArchive *self, GPtrArray *records, GBytes *text,
                                   GBytes *good_text);
void runconfd_archive_retry (RunconfdArchive *self);
void runconfd_archive_confirm (RunconfdArchive *self);
void runconfd_archive_abandon (RunconfdArchive *self);
void runconfd_archive_settle (RunconfdArchive *self);

/* with a change that the journal of the text has */
GBytes *runconfd_archive_pack (RunconfdArchive *self, GPtrArray *records, GBytes *text,
                               GBytes *good_text);
void runconfd_archive_owe (RunconfdArchive *self, RunconfHistoryBatch *batch);
void runconfd_archive_sync (RunconfdArchive *self);

/* for readers */
GPtrArray *runconfd_archive_list (RunconfdArchive *self, const char *path, guint limit,
                                  guint64 since_version, GError **error);
gboolean runconfd_archive_has_digest (RunconfdArchive *self, GBytes *digest);
gboolean runconfd_archive_get_last (RunconfdArchive *self, const char *path, guint64 *version,
                                    gint64 *time);
RunconfNode *runconfd_archive_get_overrides_at (RunconfdArchive *self, const RunconfNode *now,
                                                guint64 now_version, guint64 version,
                                                GError **error);
gboolean runconfd_archive_drop_waiting (RunconfdArchive *self, guint64 version, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdArchive, runconfd_archive_free)

G_END_DECLS
