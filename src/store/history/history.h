/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/diff.h"

G_BEGIN_DECLS

#define RUNCONF_HISTORY_NO_UID (-1)

/* For how many versions the digest of a text that was in the store is kept. */
#define RUNCONF_HISTORY_MAX_DIGESTS 1000

/* The default limits. */
#define RUNCONF_HISTORY_MAX_COUNT 10000
#define RUNCONF_HISTORY_MAX_BYTES (32 * 1024 * 1024)
#define RUNCONF_HISTORY_MAX_AGE (366 * G_TIME_SPAN_DAY)

/**
 * RunconfHistoryLimits:
 * @max_count: the number of changes; 0 for no limit
 * @max_bytes: their size on the disk; 0 for no limit
 * @max_bytes_per_uid: the size of the changes of one uid, even if there is room; 0 for no limit
 * @max_age: in µs; 0 for no limit
 *
 * How much is kept. The texts (see runconf_history_get_text()), the waiting changes and the log of
 * SQLite aren't part of @max_bytes.
 */
typedef struct
{
  guint64 max_count;
  guint64 max_bytes;
  guint64 max_bytes_per_uid;
  gint64 max_age;
} RunconfHistoryLimits;

/**
 * RunconfMoment:
 * @wall: the time of the wall clock, in µs since the epoch
 * @boot: the time since the boot, in µs, suspend included
 * @boot_id: identifies the boot
 *
 * The time on all clocks.
 */
typedef struct
{
  gint64 wall;
  gint64 boot;
  const char *boot_id;
} RunconfMoment;

RunconfMoment runconf_moment_now (void);

/**
 * RunconfHistoryRecord:
 * @version: the version that the change made
 * @time: when, in µs since the epoch
 * @origin: its origin, as in `details` of ConfigChanged
 * @uid: the user that made it, or %RUNCONF_HISTORY_NO_UID
 * @caller: (nullable): the unique bus name of the caller
 * @message: (nullable): the caller's message
 * @deltas: (nullable) (element-type RunconfDelta): what runconf_diff() found between the overrides
 *   before and after; %NULL if that isn't known
 * @deadline: when it is reverted unless it is confirmed, in µs since the epoch; 0 if it needs no
 *   confirmation
 * @timeout: the time that the caller set for the confirmation, in µs: a change never waits longer,
 *   even if the clock is changed
 * @is_boot: whether it changed the overrides for this boot, and not those that stay
 * @layer: (nullable): the name of the layer whose files made the change, if it changed no overrides
 * @boot_text: (nullable): all overrides for this boot after it, without secrets; set only to write it
 *
 * One change. Secrets must be removed from @deltas before.
 */
typedef struct
{
  guint64 version;
  gint64 time;
  char *origin;
  gint64 uid;
  char *caller;
  char *message;
  GPtrArray *deltas;
  gint64 deadline;
  gint64 timeout;
  gboolean is_boot;
  char *layer;
  GBytes *boot_text;
} RunconfHistoryRecord;

void runconf_history_record_free (RunconfHistoryRecord *self);
GPtrArray *runconf_history_records_new (void);

/**
 * RunconfHistory:
 *
 * The changes of the overrides, with time, user and old values, in an SQLite file. A tree of both
 * layers of overrides has those for this boot at the key %RUNCONF_METADATA_KEY of its root. Its functions
 * block on the file system, and may be called from any thread, but one at a time.
 */
typedef struct _RunconfHistory RunconfHistory;

RunconfHistory *runconf_history_open (const char *path, const RunconfHistoryLimits *limits,
                                      char **trouble, GError **error);
void runconf_history_free (RunconfHistory *self);
gboolean runconf_history_is_broken (RunconfHistory *self);
gboolean runconf_history_has_name (RunconfHistory *self);
gboolean runconf_history_check_writable (RunconfHistory *self, GError **error);

/* writing */
gboolean runconf_history_prepare (RunconfHistory *self, GPtrArray *records, GBytes *text_digest,
                                  GBytes *good_text, GError **error);
gboolean runconf_history_confirm (RunconfHistory *self, GError **error);
gboolean runconf_history_abandon (RunconfHistory *self, GError **error);
gboolean runconf_history_add (RunconfHistory *self, GPtrArray *batches, GError **error);
gboolean runconf_history_sync (RunconfHistory *self, GError **error);
gboolean runconf_history_settle (RunconfHistory *self, const RunconfMoment *now, GError **error);

/* at a start */
gboolean runconf_history_get_pending (RunconfHistory *self, guint64 *version, GBytes **text_digest);
gboolean runconf_history_reconcile (RunconfHistory *self, GBytes *const *text_digests,
                                    guint n_digests, guint64 *newest_version, GError **error);

/* reading */
guint64 runconf_history_get_newest_version (RunconfHistory *self);
GBytes *runconf_history_get_text (RunconfHistory *self, guint64 *version, GError **error);
GBytes *runconf_history_get_boot_text (RunconfHistory *self, GError **error);
gboolean runconf_history_has_digest (RunconfHistory *self, GBytes *digest, gboolean *is_there,
                                     GError **error);
gboolean runconf_history_is_last_digest (RunconfHistory *self, GBytes *digest, gboolean *is_last,
                                         GError **error);
GPtrArray *runconf_history_list (RunconfHistory *self, const char *path, guint limit,
                                 guint64 since_version, GError **error);
gboolean runconf_history_get_last (RunconfHistory *self, const char *path, guint64 *version,
                                   gint64 *time, GError **error);
RunconfNode *runconf_history_get_overrides_at (RunconfHistory *self, const RunconfNode *now,
                                               guint64 now_version, guint64 version,
                                               GError **error);

RunconfNode *runconf_history_join (const RunconfNode *overrides, const RunconfNode *boot);
RunconfNode *runconf_history_split (const RunconfNode *both, RunconfNode **boot);

/* changes that wait for a confirmation */
GPtrArray *runconf_history_list_waiting (RunconfHistory *self, GError **error);
gboolean runconf_history_drop_waiting (RunconfHistory *self, guint64 version, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfHistory, runconf_history_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfHistoryRecord, runconf_history_record_free)

G_END_DECLS
