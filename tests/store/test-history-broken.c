/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "test-history-support.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "store/failure.h"
#include "tests/core/testutil.h"

/* A few changes, in the database and in the log. */
static void
fill (Bench *bench)
{
  for (guint i = 0; i < 30; i++)
    bench_set (bench, 1, "/a", i);
}

/* A script changes the closed file, so that it is put aside. */
static void
assert_put_aside (Bench *bench, const char *script, const char *why)
{
  g_autofree char *trouble = NULL;

  bench_close (bench);
  bench_run (bench, "rm -rf history.corrupt-*");
  bench_run (bench, script);
  trouble = bench_open_in_trouble (bench);
  g_assert_nonnull (trouble);
  if (strstr (trouble, why) == NULL)
    g_error ("\"%s\" doesn't say \"%s\"", trouble, why);
  g_assert_nonnull (strstr (trouble, "history.corrupt-"));
  g_assert_cmpuint (bench_count (bench, "history.corrupt-*Z"), ==, 1);
  g_assert_cmpuint (runconf_history_get_newest_version (bench->history), ==, 0);

  bench->version = 0;
  g_ptr_array_set_size (bench->trees, 0);
  g_ptr_array_add (bench->trees, runconf_node_ref (bench->overrides));
  bench_set (bench, 1, "/b", g_test_rand_int ());
  assert_list (bench, "", 0, 0, "1");
  bench_reopen (bench);
  assert_list (bench, "", 0, 0, "1");
}

static void
test_put_aside (Bench *bench, gconstpointer data)
{
  fill (bench);
  assert_put_aside (bench, "echo 'no database, but long enough to look like one' > history",
                    "not a database");
  assert_put_aside (bench, "head -c 20000 /dev/urandom > history", "not a database");
  fill (bench);
  assert_put_aside (bench,
                    "dd if=/dev/zero of=history bs=4096 seek=1 count=3 conv=notrunc 2>/dev/null",
                    "it is damaged");
  fill (bench);
  assert_put_aside (bench, "truncate -s 9000 history", "malformed");
  assert_put_aside (bench, "sqlite3 history 'PRAGMA user_version = 99'",
                    "it was written by another version of Runconf");
  assert_put_aside (bench, "sqlite3 history 'PRAGMA application_id = 1'",
                    "it is a database of another program");
  assert_put_aside (bench, "sqlite3 history 'DROP TABLE touched'", "no such table: touched");
  assert_put_aside (bench, "sqlite3 history 'DELETE FROM meta'", "it is damaged");
  assert_put_aside (bench, "rm history; mkdir history", "it isn't a regular file");
  assert_put_aside (bench, "mv history elsewhere; ln -s elsewhere history",
                    "it isn't a regular file");
  assert_put_aside (bench, "rm history; mkfifo history", "it isn't a regular file");
  if (geteuid () == 0)
    assert_put_aside (bench, "chown 1 history", "it belongs to uid 1, not to this process");
}

/* An empty file is a history that was just begun; a log without a database belongs to none. */
static void
test_missing (Bench *bench, gconstpointer data)
{
  fill (bench);
  bench_close (bench);
  bench_run (bench, ": > history");
  bench_open (bench);
  assert_list (bench, "", 0, 0, "");

  bench_close (bench);
  bench_run (bench, "head -c 5000 /dev/urandom > history-wal; rm history");
  bench_open (bench);
  assert_list (bench, "", 0, 0, "");
  g_assert_cmpuint (bench_count (bench, "history.corrupt-*-wal"), ==, 1);
}

static void
test_few_are_kept (Bench *bench, gconstpointer data)
{
  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *trouble = NULL;

      bench_close (bench);
      bench_run (bench,
                 "echo 'this is no database, as long as it is' > history; touch history-wal");
      trouble = bench_open_in_trouble (bench);
    }

  g_assert_cmpuint (bench_count (bench, "history.corrupt-*Z"), ==, 3);
  g_assert_cmpuint (bench_count (bench, "history.corrupt-*-wal"), <=, 3);
}

static void
assert_no_history (Bench *bench, RunconfStoreError code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *trouble = NULL;
  g_autoptr (RunconfHistory) history
      = runconf_history_open (bench->path, &bench->limits, &trouble, &error);

  g_assert_null (history);
  g_assert_null (trouble);
  g_assert_error (error, RUNCONF_STORE_ERROR, (int) code);
  g_assert_true (g_str_has_prefix (error->message, bench->path));
}

/* Two daemons: the second gets an error at once, and does no harm. */
static void
test_in_use (Bench *bench, gconstpointer data)
{
  gint64 start = g_get_monotonic_time ();

  bench_set (bench, 1, "/a", 1);
  if (fork () == 0)
    {
      /* SQLite's locks belong to a process */
      assert_no_history (bench, RUNCONF_STORE_ERROR_IN_USE);
      _exit (0);
    }
  else
    {
      int status;

      wait (&status);
      g_assert_cmpint (status, ==, 0);
    }

  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
  bench_set (bench, 1, "/a", 2);
  assert_list (bench, "", 0, 0, "2 1");
}

/* As a user other than root. */
static void
run_as_nobody (Bench *bench, void (*func) (Bench *bench))
{
  int status;

  if (fork () == 0)
    {
      g_assert_no_errno (setgid (65534));
      g_assert_no_errno (setuid (65534));
      func (bench);
      _exit (0);
    }

  wait (&status);
  g_assert_cmpint (status, ==, 0);
}

static void
open_unwritable (Bench *bench)
{
  assert_no_history (bench, RUNCONF_STORE_ERROR_FAILED);
}

static void
open_unreadable (Bench *bench)
{
  g_autofree char *trouble = bench_open_in_trouble (bench);

  g_assert_nonnull (strstr (trouble, "its mode 0000 gives this process no access"));
  bench_close (bench);
}

static void
test_modes (Bench *bench, gconstpointer data)
{
  if (geteuid () != 0)
    {
      g_test_skip ("only root can be somebody else");
      return;
    }

  bench_close (bench);
  bench_run (bench, "chmod 755 .; rm history");
  run_as_nobody (bench, open_unwritable);
  bench_run (bench, "touch history; chmod 600 history");
  run_as_nobody (bench, open_unwritable);
  bench_run (bench, "chown 65534 history .; chmod 0 history");
  run_as_nobody (bench, open_unreadable);

  bench_run (bench, "rm -rf ../none-such; chown 0 .");
  g_free (bench->path);
  bench->path = g_build_filename (bench->directory, "none", "history", NULL);
  assert_no_history (bench, RUNCONF_STORE_ERROR_FAILED);
}

/* With any damage to the bytes no call crashes, and the next start has a history. */
static void
test_any_byte (Bench *bench, gconstpointer data)
{
  g_autofree char *content = NULL;
  gsize length;

  fill (bench);
  bench_close (bench);
  g_assert_true (g_file_get_contents (bench->path, &content, &length, NULL));

  for (guint trial = 0; trial < 150; trial++)
    {
      g_autofree char *damaged = g_memdup2 (content, length);
      g_autofree char *trouble = NULL;
      g_autoptr (GPtrArray) records = NULL;
      g_autoptr (RunconfNode) tree = NULL;
      RunconfHistoryRecord record;

      for (guint i = 0; i < 20; i++)
        damaged[g_test_rand_int_range (0, length)] = g_test_rand_int ();
      g_assert_true (g_file_set_contents (bench->path, damaged, length, NULL));

      trouble = bench_open_in_trouble (bench);
      records = runconf_history_list (bench->history, "", 0, 0, NULL);
      g_clear_pointer (&records, g_ptr_array_unref);
      records = runconf_history_list (bench->history, "/a", 0, 0, NULL);
      tree = runconf_history_get_overrides_at (bench->history, bench->overrides, 30, 2, NULL);
      record = record_make (bench, 31, 1, bench->overrides, bench->trees->pdata[0], NULL);
      if (prepare_records (bench->history, &record, 1, NULL, NULL, NULL))
        runconf_history_confirm (bench->history, NULL);
      runconf_history_settle (bench->history, NULL, NULL);
      record_clear (&record);
      bench_close (bench);
      bench_run (bench, "rm -f history.corrupt-*");
    }
}

/* SQLite's check doesn't find this damaged row: only reading it does. */
static void
test_damaged_row (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fill (bench);
  bench_close (bench);
  bench_run (bench, "sqlite3 history \"UPDATE change SET deltas = x'00ff' WHERE version = 7\"");
  bench_open (bench);
  g_assert_null (runconf_history_list (bench->history, "", 0, 0, &error));
  g_assert_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED);
  g_assert_true (g_str_has_suffix (error->message, "/history: the history: it is damaged"));
  g_assert_true (runconf_history_is_broken (bench->history));

  bench_reopen (bench);
  g_assert_cmpuint (bench_count (bench, "history.corrupt-*Z"), ==, 1);
  assert_list (bench, "", 0, 0, "");
}

/* The disk reports a failure: the change doesn't happen, and the next one does. */
static void
test_sync_fails (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *wanted = NULL;
  RunconfHistoryRecord record;

  bench_set (bench, 1, "/a", 1);
  record = record_make (bench, 2, 1, bench->overrides, bench->trees->pdata[0], NULL);
  sync_fails = EIO;
  g_assert_false (prepare_records (bench->history, &record, 1, NULL, NULL, &error));
  sync_fails = 0;
  g_assert_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED);
  wanted = g_strdup_printf ("%s: the history can't be read or written: Input/output error; the "
                            "disk failed: see the kernel's log",
                            bench->path);
  g_assert_cmpstr (error->message, ==, wanted);
  record_clear (&record);

  bench_set (bench, 1, "/a", 3);
  assert_list (bench, "", 0, 0, "2 1");
  assert_at (bench, 0);
}

static void
test_full (Bench *bench, gconstpointer data)
{
  g_autofree char *text = g_strnfill (30000, 'x');
  g_autoptr (RunconfNode) large = runconf_node_new_string (text, -1);
  g_autoptr (RunconfNode) tree = NULL;
  g_autoptr (GError) error = NULL;
  guint64 last;

  bench_close (bench);
  g_assert_no_errno (mount ("tmpfs", bench->directory, "tmpfs", 0, "size=400k"));
  bench_open (bench);
  bench_set (bench, 1, "/a", 1);
  tree = tree_set (bench->overrides, "/b", large);
  do
    {
      RunconfHistoryRecord record
          = record_make (bench, bench->version + 1, 1, bench->overrides, tree, NULL);

      if (prepare_records (bench->history, &record, 1, NULL, NULL, &error)
          && runconf_history_confirm (bench->history, &error))
        bench_take (bench, tree);
      record_clear (&record);
      g_clear_pointer (&tree, runconf_node_unref);
      tree = tree_set (bench->trees->pdata[bench->version % 2], "/c", large);
    }
  while (error == NULL);

  g_assert_nonnull (strstr (error->message, "No space left on device; free space"));
  g_clear_error (&error);

  /* everything can be read, also after a restart */
  last = runconf_history_get_newest_version (bench->history);
  g_assert_cmpuint (last, >=, bench->version);
  bench->version = last;
  if (bench->trees->len == last)
    bench_take (bench, tree);
  bench->version = last;
  assert_at (bench, 1);

  /* and it continues when there is room */
  g_assert_no_errno (mount ("tmpfs", bench->directory, "tmpfs", MS_REMOUNT, "size=4m"));
  bench_set (bench, 1, "/d", 1);
  assert_at (bench, 1);

  bench_close (bench);
  g_assert_no_errno (mount ("tmpfs", bench->directory, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL));
  assert_no_history (bench, RUNCONF_STORE_ERROR_FAILED);
  g_assert_no_errno (umount2 (bench->directory, MNT_DETACH));
}

/* In a chroot the root isn't a mount that could be made private. */
static gboolean
can_mount (void)
{
  return unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

#define add(name, func)                                                                            \
  g_test_add ("/store/history/" name, Bench, NULL, bench_make, func, bench_remove)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("put-aside", test_put_aside);
  add ("missing", test_missing);
  add ("few-are-kept", test_few_are_kept);
  add ("in-use", test_in_use);
  add ("modes", test_modes);
  add ("any-byte", test_any_byte);
  add ("damaged-row", test_damaged_row);
  add ("sync-fails", test_sync_fails);
  if (can_mount ())
    add ("full", test_full);

  return g_test_run ();
}
