/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "test-history-support.h"

#include <string.h>

#include "tests/core/testutil.h"

#define ALICE 1000
#define MALLORY 1001

#define MAX_BYTES (1024 * 1024)
#define MAX_LOG_BYTES (5 * 1024 * 1024)

static void
limit (Bench *bench, guint64 max_count, guint64 max_bytes, guint64 max_bytes_per_uid,
       gint64 max_age)
{
  bench->limits.max_count = max_count;
  bench->limits.max_bytes = max_bytes;
  bench->limits.max_bytes_per_uid = max_bytes_per_uid;
  bench->limits.max_age = max_age;
  bench_reopen (bench);
}

static void
settle (Bench *bench, gint64 time)
{
  const RunconfMoment now = { time, time, "boot" };
  g_autoptr (GError) error = NULL;

  runconf_history_settle (bench->history, time != 0 ? &now : NULL, &error);
  g_assert_no_error (error);
}

static RunconfNode *
set_number (const RunconfNode *tree, const char *pointer, gint64 value)
{
  g_autoptr (RunconfNode) number = runconf_node_new_integer (value);

  return tree_set (tree, pointer, number);
}

/* Sets by one uid in batches of 50, as when many are queued; each has its own version. */
static void
flood (Bench *bench, guint n_batches, guint n_paths)
{
  guint64 sizes = 0;

  for (guint batch = 0; batch < n_batches; batch++)
    {
      RunconfHistoryRecord records[50];
      GError *error = NULL;

      for (guint i = 0; i < G_N_ELEMENTS (records); i++)
        {
          g_autofree char *pointer
              = g_strdup_printf ("/flood/value-%" G_GUINT64_FORMAT, bench->version % n_paths);
          g_autoptr (RunconfNode) tree = set_number (bench->overrides, pointer, bench->version);

          records[i]
              = record_make (bench, bench->version + 1, MALLORY, bench->overrides, tree, NULL);
          bench_take (bench, tree);
        }

      prepare_records (bench->history, records, G_N_ELEMENTS (records), NULL, NULL, &error);
      g_assert_no_error (error);
      runconf_history_confirm (bench->history, NULL);
      if (batch % 3 == 0)
        settle (bench, 0);
      for (guint i = 0; i < G_N_ELEMENTS (records); i++)
        record_clear (&records[i]);

      sizes = MAX (sizes, bench_measure_file (bench, ""));
      g_assert_cmpuint (bench_measure_file (bench, "-wal"), <=, MAX_LOG_BYTES);
    }

  g_test_message ("%u changes: the file had at most %" G_GUINT64_FORMAT " bytes", n_batches * 50,
                  sizes);
  if (bench->limits.max_bytes != 0)
    g_assert_cmpuint (sizes, <=, bench->limits.max_bytes);
}

/* Twenty changes by one user, then a hundred thousand by another. */
static void
test_flood (Bench *bench, gconstpointer data)
{
  g_autoptr (GPtrArray) records = NULL;
  guint n_mine = 0;

  limit (bench, 0, MAX_BYTES, 0, 0);
  for (guint i = 0; i < 20; i++)
    bench_set (bench, ALICE, "/mine/value", i);
  flood (bench, 2000, 10);

  bench_reopen (bench);
  records = runconf_history_list (bench->history, "/mine", 0, 0, NULL);
  g_assert_cmpuint (records->len, ==, 20);
  g_ptr_array_unref (records);
  records = runconf_history_list (bench->history, "", 0, 0, NULL);
  for (guint i = 0; i < records->len; i++)
    n_mine += ((RunconfHistoryRecord *) records->pdata[i])->uid == ALICE;
  g_assert_cmpuint (n_mine, ==, 20);
  g_assert_cmpuint (records->len, >, 1000);
  g_test_message ("%u changes are kept", records->len);

  /* each of them can be restored, through the sum of the removed changes */
  for (guint64 version = 0; version <= 20; version++)
    assert_at (bench, version);
  for (guint i = 0; i < records->len; i += 50)
    assert_at (bench, ((RunconfHistoryRecord *) records->pdata[i])->version);
  assert_last (bench, "/mine/value", 20);
  assert_last (bench, "/flood", bench->version);
}

/* The same with a different path for each: the sum gets too large, and is removed. */
static void
test_flood_of_paths (Bench *bench, gconstpointer data)
{
  limit (bench, 0, MAX_BYTES / 8, 0, 0);
  for (guint i = 0; i < 20; i++)
    bench_set (bench, ALICE, "/mine/value", i);
  flood (bench, 60, 100000);
  settle (bench, 0);

  assert_list (bench, "/mine", 0, 0, "20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1");
  assert_not_at (bench, 19);
  assert_at (bench, bench->version - 10);
  /* it may have changed in one of the removed changes */
  assert_last (bench, "/mine/value", 0);
}

/* Alternating changes of both users. */
static void
test_interleaved (Bench *bench, gconstpointer data)
{
  limit (bench, 200, 0, 0, 0);
  for (guint i = 0; i < 1000; i++)
    {
      bench_set (bench, i % 50 == 0 ? ALICE : MALLORY, i % 2 == 0 ? "/a" : "/b", i);
      settle (bench, 0);
    }

  {
    g_autoptr (GPtrArray) records = runconf_history_list (bench->history, "", 0, 0, NULL);
    guint n_mine = 0;

    g_assert_cmpuint (records->len, <=, 200);
    g_assert_cmpuint (records->len, >=, 170);
    for (guint i = 0; i < records->len; i++)
      {
        const RunconfHistoryRecord *record = records->pdata[i];

        n_mine += record->uid == ALICE;
        assert_at (bench, record->version);
        assert_at (bench, record->version - 1);
      }
    g_assert_cmpuint (n_mine, ==, 20);
  }

  {
    g_autoptr (GError) error = NULL;
    g_autoptr (RunconfNode) tree
        = runconf_history_get_overrides_at (bench->history, bench->overrides, 1000, 30, &error);

    assert_error (error, RUNCONF_ERROR_NOT_FOUND,
                  "version 30 isn't kept any more: the nearest versions are 1 and 50");
  }
}

/* With only one writer the oldest changes are removed, and nothing is added up. */
static void
test_alone (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) tree = NULL;

  limit (bench, 16, 0, 0, 0);
  for (guint i = 0; i < 17; i++)
    bench_set (bench, ALICE, "/a", i);

  assert_list (bench, "", 0, 0, "17 16 15 14 13 12 11 10 9 8 7 6 5 4");
  assert_at (bench, 3);
  tree = runconf_history_get_overrides_at (bench->history, bench->overrides, 17, 2, &error);
  assert_error (error, RUNCONF_ERROR_NOT_FOUND,
                "version 2 isn't kept any more: the history goes back to version 3");
  g_assert_null (
      runconf_history_get_overrides_at (bench->history, bench->overrides, 17, 18, &error));
  assert_error (error, RUNCONF_ERROR_NOT_FOUND, "there is no version 18 yet: the newest is 17");
}

static void
test_age (Bench *bench, gconstpointer data)
{
  limit (bench, 0, 0, 0, 5000);
  for (guint i = 1; i <= 10; i++)
    {
      bench_set (bench, ALICE, "/a", i);
      settle (bench, i * 1000);
    }

  assert_list (bench, "", 0, 0, "10 9 8 7 6");
  assert_at (bench, 5);
  assert_not_at (bench, 4);

  /* the newest change is kept at any age */
  settle (bench, G_MAXINT64 / 2);
  assert_list (bench, "", 0, 0, "10");
  bench_reopen (bench);
  g_assert_cmpuint (runconf_history_get_newest_version (bench->history), ==, 10);
}

/* A machine, its clock and the true time. */
typedef struct
{
  gint64 time; /* the true time */
  gint64 booted;
  gint64 wrong; /* the error of the wall clock */
  guint n_boots;
} Machine;

static void
settle_on (Bench *bench, const Machine *machine)
{
  g_autofree char *id = g_strdup_printf ("boot %u", machine->n_boots);
  const RunconfMoment now = {
    .wall = machine->time + machine->wrong,
    .boot = machine->time - machine->booted,
    .boot_id = id,
  };
  g_autoptr (GError) error = NULL;

  runconf_history_settle (bench->history, &now, &error);
  g_assert_no_error (error);
}

static gboolean
is_listed (Bench *bench, guint64 version)
{
  g_autofree char *versions = list_versions (bench, "", 0, 0);
  g_auto (GStrv) words = g_strsplit (versions, " ", -1);
  g_autofree char *word = g_strdup_printf ("%" G_GUINT64_FORMAT, version);

  return g_strv_contains ((const char *const *) words, word);
}

/* One change is made while the clock is wrong, as before the network has set it. */
static void
test_wrong_clock (Bench *bench, gconstpointer data)
{
  static const gint64 errors[]
      = { 367 * G_TIME_SPAN_DAY, -400 * G_TIME_SPAN_DAY, -G_GINT64_CONSTANT (1700000000000000),
          G_GINT64_CONSTANT (9000000000000000) };
  Machine machine = { .time = G_GINT64_CONSTANT (1700000000000000) };

  limit (bench, 0, 0, 0, RUNCONF_HISTORY_MAX_AGE);
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      bench_set (bench, ALICE, "/a", 2 * i);
      machine.wrong = errors[i];
      settle_on (bench, &machine);
      machine.time += G_TIME_SPAN_HOUR;
      bench_set (bench, ALICE, "/a", 2 * i + 1);
      machine.wrong = 0;
      settle_on (bench, &machine);

      /* the same at a boot */
      machine.booted = machine.time;
      machine.n_boots++;
      bench_reopen (bench);
    }

  assert_list (bench, "", 0, 0, "8 7 6 5 4 3 2 1");
}

/* With any clock, a change is kept for the promised time, and is removed in the end. */
static void
test_clock_model (Bench *bench, gconstpointer data)
{
  const gint64 max_age = 64 * G_TIME_SPAN_DAY;
  Machine machine = { .time = G_GINT64_CONSTANT (1700000000000000) };
  gint64 made[401] = { 0 };
  guint boots[401] = { 0 };

  limit (bench, 0, 0, 0, max_age);
  for (guint64 version = 1; version <= 400; version++)
    {
      machine.time += g_test_rand_int_range (0, 48) * G_TIME_SPAN_HOUR;
      if (g_test_rand_int_range (0, 5) == 0)
        machine.wrong = g_test_rand_int_range (-20000, 20000) * G_TIME_SPAN_DAY;
      if (g_test_rand_int_range (0, 3) == 0)
        machine.wrong = 0;
      if (g_test_rand_int_range (0, 40) == 0)
        {
          machine.time += g_test_rand_int_range (0, 10) * G_TIME_SPAN_DAY;
          machine.booted = machine.time;
          machine.n_boots++;
          bench_reopen (bench);
        }
      bench_set (bench, ALICE, "/a", version);
      made[version] = machine.time;
      boots[version] = machine.n_boots;
      settle_on (bench, &machine);

      for (guint64 old = 1; version % 20 == 0 && old <= version; old++)
        {
          gint64 n_boots = machine.n_boots - boots[old];

          if (machine.time - made[old] < max_age - n_boots * G_TIME_SPAN_DAY)
            g_assert_true (is_listed (bench, old));
        }
    }

  machine.time += max_age + 2 * G_TIME_SPAN_DAY;
  bench_set (bench, ALICE, "/a", 0);
  settle_on (bench, &machine);
  assert_list (bench, "", 0, 0, "401");
}

static void
test_share (Bench *bench, gconstpointer data)
{
  g_autoptr (GPtrArray) records = NULL;

  limit (bench, 0, MAX_BYTES, 2000, 0);
  bench_set (bench, ALICE, "/a", 1);
  for (guint i = 0; i < 100; i++)
    {
      bench_set (bench, MALLORY, "/b", i);
      settle (bench, 0);
    }

  records = runconf_history_list (bench->history, "/b", 0, 0, NULL);
  g_assert_cmpuint (records->len, <, 15);
  assert_at (bench, 0);
  assert_at (bench, 1);
}

/* A path that has its old value again has been changed nevertheless. */
static void
test_last_in_sum (Bench *bench, gconstpointer data)
{
  limit (bench, 16, 0, 0, 0);
  bench_set (bench, ALICE, "/a", 1);
  bench_set (bench, ALICE, "/b", 1);
  bench_set (bench, MALLORY, "/a", 2);
  bench_set (bench, MALLORY, "/a", 1);
  for (guint i = 0; i < 40; i++)
    bench_set (bench, MALLORY, "/c", i);

  assert_list (bench, "/a", 0, 0, "1");
  assert_last (bench, "/a", 0);
  assert_last (bench, "/b", 2);
  assert_at (bench, 1);
  assert_at (bench, 0);
}

static void
test_too_large (Bench *bench, gconstpointer data)
{
  g_autofree char *text = g_strnfill (40000, 'x');
  g_autoptr (RunconfNode) large = runconf_node_new_string (text, -1);
  g_autoptr (RunconfNode) tree = NULL;
  g_autoptr (GPtrArray) records = NULL;

  limit (bench, 0, 64 * 1024, 0, 0);
  bench_set (bench, ALICE, "/a", 1);
  tree = tree_set (bench->overrides, "/b", large);
  bench_commit (bench, MALLORY, tree, "large");
  bench_set (bench, ALICE, "/a", 2);

  assert_list (bench, "", 0, 0, "3 2 1");
  assert_list (bench, "/b", 0, 0, "2");
  assert_at (bench, 2);
  assert_not_at (bench, 1);
  records = runconf_history_list (bench->history, "/b", 0, 0, NULL);
  g_assert_null (((RunconfHistoryRecord *) records->pdata[0])->deltas);
}

/* Checks each record in the list.
 *
 * Returns: how many of their versions can be restored
 */
static guint
check_all (Bench *bench)
{
  g_autoptr (GPtrArray) records = runconf_history_list (bench->history, "", 0, 0, NULL);
  guint n_reached = 0;

  for (guint i = 0; i < records->len; i++)
    {
      const RunconfHistoryRecord *record = records->pdata[i];
      g_autoptr (RunconfNode) tree = runconf_history_get_overrides_at (
          bench->history, bench->overrides, bench->version, record->version, NULL);

      if (record->deltas != NULL)
        {
          g_autoptr (RunconfNode) made
              = apply_record (bench->trees->pdata[record->version - 1], record);

          assert_same (made, bench->trees->pdata[record->version]);
        }
      if (tree == NULL)
        continue;

      n_reached++;
      assert_same (tree, bench->trees->pdata[record->version]);
    }

  return n_reached;
}

/* The last change of a path is the right one, or isn't known. */
static void
check_last (Bench *bench)
{
  g_autofree char *pointer = random_pointer (bench->overrides);
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);
  guint64 version;
  gint64 time;

  g_assert_true (runconf_history_get_last (bench->history, pointer, &version, &time, NULL));
  for (guint64 i = bench->version; version != 0 && i > version; i--)
    {
      const RunconfNode *now = runconf_node_find (bench->trees->pdata[i], path, NULL);
      const RunconfNode *before = runconf_node_find (bench->trees->pdata[i - 1], path, NULL);

      g_assert_true ((now == NULL) == (before == NULL));
      g_assert_true (now == NULL || runconf_node_equal (now, before));
    }
}

/* Random changes by random users, with little room, compared with all earlier trees. */
static void
test_model (Bench *bench, gconstpointer data)
{
  guint n_reached = 0;

  limit (bench, 40, 32 * 1024, 0, 100 * 1000);
  for (guint i = 0; i < 800; i++)
    {
      gint64 uid = g_test_rand_int_range (0, 8) == 0 ? g_test_rand_int_range (1, 5) : 0;
      g_autoptr (RunconfNode) tree = random_change (bench->overrides);

      if (g_test_rand_int_range (0, 10) == 0)
        {
          bench_prepare (bench, uid, tree, NULL);
          g_assert_true (runconf_history_abandon (bench->history, NULL));
        }
      else
        bench_commit (bench, uid, tree, NULL);
      if (g_test_rand_int_range (0, 5) == 0)
        settle (bench, bench->version * 1000);
      if (g_test_rand_int_range (0, 20) == 0)
        bench_reopen (bench);
      if (i % 10 == 0)
        n_reached += check_all (bench);
      check_last (bench);
    }

  g_test_message ("%u versions were gone back to", n_reached);
  g_assert_cmpuint (n_reached, >, 100);
}

#define add(name, func)                                                                            \
  g_test_add ("/store/history/" name, Bench, NULL, bench_make, func, bench_remove)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("flood", test_flood);
  add ("flood-of-paths", test_flood_of_paths);
  add ("interleaved", test_interleaved);
  add ("alone", test_alone);
  add ("age", test_age);
  add ("wrong-clock", test_wrong_clock);
  add ("clock-model", test_clock_model);
  add ("share", test_share);
  add ("last-in-sum", test_last_in_sum);
  add ("too-large", test_too_large);
  add ("model", test_model);

  return g_test_run ();
}
