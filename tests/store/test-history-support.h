/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/history/history.h"

G_BEGIN_DECLS

/* A history in its own directory, and the data of a service beside it. */
typedef struct
{
  char *directory;
  char *path;
  RunconfHistoryLimits limits;
  RunconfHistory *history;
  RunconfNode *overrides;
  guint64 version;
  GPtrArray *trees; /* (element-type RunconfNode): all trees, by version */
} Bench;

void bench_make (Bench *bench, gconstpointer unused);
void bench_remove (Bench *bench, gconstpointer unused);
void bench_open (Bench *bench);
void bench_close (Bench *bench);
void bench_reopen (Bench *bench);
char *bench_open_in_trouble (Bench *bench);

/* a change of the overrides to @tree, by @uid; the caller confirms or abandons it */
void bench_prepare (Bench *bench, gint64 uid, const RunconfNode *tree, const char *message);
void bench_take (Bench *bench, const RunconfNode *tree);
void bench_commit (Bench *bench, gint64 uid, const RunconfNode *tree, const char *message);
void bench_set (Bench *bench, gint64 uid, const char *pointer, gint64 value);
void bench_reset (Bench *bench, gint64 uid, const char *pointer);

RunconfNode *random_change (const RunconfNode *both);
RunconfNode *apply_record (const RunconfNode *both, const RunconfHistoryRecord *record);
RunconfHistoryRecord record_make (Bench *bench, guint64 version, gint64 uid,
                                  const RunconfNode *from, const RunconfNode *to,
                                  const char *message);
void record_clear (RunconfHistoryRecord *record);
gboolean prepare_records (RunconfHistory *history, RunconfHistoryRecord *records, guint n_records,
                          GBytes *text_digest, GBytes *good_text, GError **error);
GBytes *digest_of (guint64 version);

/* the versions in the list, as "3 2 1" */
char *list_versions (Bench *bench, const char *path, guint limit, guint64 since_version);
void assert_at (Bench *bench, guint64 version);
void assert_not_at (Bench *bench, guint64 version);
guint64 bench_measure_file (Bench *bench, const char *suffix);
guint bench_count (Bench *bench, const char *pattern);
void bench_run (Bench *bench, const char *script);

#define assert_list(bench, path, limit, since, text)                                               \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *listed = list_versions (bench, path, limit, since);                           \
    g_assert_cmpstr (listed, ==, text);                                                            \
  }                                                                                                \
  G_STMT_END

#define assert_last(bench, path, wanted)                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    guint64 last_version;                                                                          \
    gint64 last_time;                                                                              \
    g_assert_true (                                                                                \
        runconf_history_get_last ((bench)->history, path, &last_version, &last_time, NULL));       \
    g_assert_cmpuint (last_version, ==, wanted);                                                   \
    g_assert_cmpint (last_time, ==, (wanted) *1000);                                               \
  }                                                                                                \
  G_STMT_END

/* how often the process synced; and the errno that a sync fails with, 0 for none */
extern guint n_syncs;
extern int sync_fails;

G_END_DECLS
