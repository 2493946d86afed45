/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sqlite3.h>

#include "store/history/history.h"

G_BEGIN_DECLS

/* The prepared statements; their text is in history-database.c. */
typedef enum
{
  STATEMENT_BEGIN,
  STATEMENT_COMMIT,
  STATEMENT_GET_META,
  STATEMENT_SET_META,
  STATEMENT_ADD_CHANGE,
  STATEMENT_ADD_TOUCHED,
  STATEMENT_ADD_TEXT,
  STATEMENT_ADD_DIGEST,
  STATEMENT_ADD_WAITING,
  STATEMENT_DROP_CHANGES_FROM,
  STATEMENT_DROP_TOUCHED_FROM,
  STATEMENT_DROP_TEXTS_FROM,
  STATEMENT_DROP_OLD_TEXTS,
  STATEMENT_ADD_BOOT,
  STATEMENT_GET_BOOT,
  STATEMENT_DROP_BOOTS_FROM,
  STATEMENT_DROP_OLD_BOOTS,
  STATEMENT_DROP_DIGESTS_FROM,
  STATEMENT_DROP_OLD_DIGESTS,
  STATEMENT_DROP_WAITING_FROM,
  STATEMENT_DROP_WAITING,
  STATEMENT_DROP_CHANGE,
  STATEMENT_DROP_TOUCHED,
  STATEMENT_DROP_TOUCHED_AT,
  STATEMENT_GET_SIZES,
  STATEMENT_GET_DELTAS,
  STATEMENT_GET_TEXT,
  STATEMENT_GET_DIGEST,
  STATEMENT_GET_LAST_DIGEST,
  STATEMENT_GET_CHANGE,
  STATEMENT_GET_CHANGES,
  STATEMENT_GET_STEPS,
  STATEMENT_GET_TOUCHED,
  STATEMENT_GET_TOUCHED_BELOW,
  STATEMENT_GET_WAITING,
  STATEMENT_ADD_MARK,
  STATEMENT_DROP_MARKS,
  STATEMENT_GET_MARK,
  STATEMENT_GET_OLD,
  N_STATEMENTS,
} Statement;

struct _RunconfHistory
{
  char *path;
  RunconfHistoryLimits limits;

  dev_t device; /* of the file that is open */
  ino_t inode;
  sqlite3 *db;
  sqlite3_stmt *statements[N_STATEMENTS];
  gboolean is_durable; /* whether a commit waits for the disk */
  gboolean is_broken;
  guint n_log_pages;

  guint64 newest;       /* the newest version that is in force */
  guint64 pending_from; /* 0 if nothing is pending */
  guint64 pending_to;
  GBytes *pending_digest; /* (nullable) */

  guint64 count;   /* the number of changes */
  guint64 bytes;   /* the size of changes and sums */
  guint64 horizon; /* the oldest version that can be restored */
  guint64 oldest;  /* the version of the oldest row */

  /* the newest mark of history-age.c, the last age and version seen since, and the last version
   * that is too old
   */
  gint64 mark_age;
  gint64 mark_wall;
  gint64 mark_boot;
  char *mark_boot_id; /* NULL if there is no mark */
  gint64 seen_age;
  guint64 seen_version;
  guint64 old_version;

  gboolean has_break;       /* whether the horizon moves when the pending changes are in force */
  GHashTable *bytes_by_uid; /* gint64 to guint64 */
};

/* between the origin and the layer of a change, in the column of the origin; no origin has it */
#define RUNCONF_HISTORY_LAYER_MARK ":"

/* SQLite's integers are signed. */
#define RUNCONF_HISTORY_MAX_VERSION ((guint64) G_MAXINT64)

/* history-database.c */
gboolean runconf_history_database_open (RunconfHistory *self, gboolean *is_bad, GError **error);
void runconf_history_database_close (RunconfHistory *self);
sqlite3_stmt *runconf_history_get_statement (RunconfHistory *self, Statement id, GError **error);
gboolean runconf_history_finish (RunconfHistory *self, sqlite3_stmt *statement, GError **error);
gboolean runconf_history_step (RunconfHistory *self, sqlite3_stmt *statement, gboolean *has_row,
                               GError **error);
gboolean runconf_history_begin (RunconfHistory *self, gboolean is_durable, GError **error);
gboolean runconf_history_end (RunconfHistory *self, gboolean is_good, GError **error);
void runconf_history_fail (RunconfHistory *self, GError **error);
void runconf_history_fail_with (RunconfHistory *self, GError **error, const char *what);

/* history-open.c */
gboolean runconf_history_begin_log (RunconfHistory *self, gboolean is_durable, GError **error);

/* history-aside.c */
gboolean runconf_history_look (const char *path, gboolean *is_there, char **flaw, GError **error);
gboolean runconf_history_create (const char *path, GError **error);
char *runconf_history_put_aside (const char *path, GError **error);

/* history-rows.c */
gboolean runconf_history_write_meta (RunconfHistory *self, GError **error);
gboolean runconf_history_read_meta (RunconfHistory *self, GError **error);
gboolean runconf_history_add_change (RunconfHistory *self, const RunconfHistoryRecord *record,
                                     guint64 *last_version, GError **error);
gboolean runconf_history_add_sum (RunconfHistory *self, guint64 version, guint64 since, gint64 time,
                                  GPtrArray *deltas, GError **error);
gboolean runconf_history_remove_row (RunconfHistory *self, guint64 version, GPtrArray *deltas,
                                     GError **error);
gboolean runconf_history_drop_from (RunconfHistory *self, guint64 version, GError **error);

/* the owner of all sums when they are counted, as if they were changes of one uid */
#define RUNCONF_HISTORY_SUMS_UID (-2)

/* A row of `change` without its content, for pruning. */
typedef struct
{
  guint64 version;
  guint64 since;
  guint64 bytes;
  gint64 time;
  gint64 uid;
  gboolean is_sum;
  gboolean is_unknown;
  gboolean goes;
} RunconfHistoryRow;

/* A limit of 0 is no limit. */
static inline gboolean
runconf_history_is_above (guint64 value, guint64 limit)
{
  return limit != 0 && value > limit;
}

static inline guint64
runconf_history_get_part (guint64 limit, guint sixteenths)
{
  return limit == 0 ? 0 : MAX (limit / 16 * sixteenths + limit % 16 * sixteenths / 16, 1);
}

/* history-room.c */
GArray *runconf_history_list_rows (RunconfHistory *self, GError **error);
guint64 runconf_history_find_horizon (RunconfHistory *self, GArray *rows);
void runconf_history_count_rows (RunconfHistory *self, GArray *rows);
void runconf_history_count (RunconfHistory *self, gint64 uid, guint64 bytes, gboolean is_change);
gboolean runconf_history_measure (RunconfHistory *self, GError **error);
gboolean runconf_history_needs_room (RunconfHistory *self);
gboolean runconf_history_needs_room_soon (RunconfHistory *self);

/* history-prune.c */
gboolean runconf_history_prune (RunconfHistory *self, GError **error);

/* history-age.c */
gboolean runconf_history_read_mark (RunconfHistory *self, GError **error);
gboolean runconf_history_grow_older (RunconfHistory *self, const RunconfMoment *now,
                                     GError **error);

G_END_DECLS
