/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "faults.h"
#include "store/state.h"
#include "support.h"

static RunconfState *
open_state (Bench *bench)
{
  g_autofree char *path = bench_path (bench, "state");
  g_autoptr (GError) error = NULL;
  RunconfState *state = runconf_state_open (path, &error);

  g_assert_no_error (error);
  return state;
}

/* Recalls in a new process. */
static void
assert_recalled (Bench *bench, const char *text, guint64 version, gboolean same_text)
{
  g_autoptr (RunconfState) state = open_state (bench);
  g_autoptr (GBytes) bytes = text == NULL ? NULL : g_bytes_new (text, strlen (text));
  guint64 found;
  gboolean is_same;

  g_assert_true (runconf_state_recall (state, bytes, &found, &is_same));
  g_assert_cmpuint (found, ==, version);
  g_assert_cmpint (is_same, ==, same_text);
}

static void
assert_lost (Bench *bench)
{
  g_autoptr (RunconfState) state = open_state (bench);
  guint64 version = 7;
  gboolean is_same = TRUE;

  g_assert_false (runconf_state_recall (state, NULL, &version, &is_same));
  g_assert_cmpuint (version, ==, 0);
  g_assert_false (is_same);
}

static void
announce (RunconfState *state, guint64 version, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  g_assert_true (runconf_state_announce (state, version, bytes, &error));
  g_assert_no_error (error);
}

static void
record (RunconfState *state, guint64 version, const char *text, gboolean durable)
{
  g_autoptr (GBytes) bytes = text == NULL ? NULL : g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  g_assert_true (runconf_state_record (state, version, bytes, durable, &error));
  g_assert_no_error (error);
}

static void
test_crash_points (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfState) state = open_state (bench);

  assert_lost (bench);
  record (state, 41, "a: 1\n", FALSE);
  assert_recalled (bench, "a: 1\n", 41, TRUE);
  assert_recalled (bench, "by hand", 41, FALSE);
  assert_recalled (bench, NULL, 41, FALSE);

  /* killed before, and after the exchange */
  announce (state, 42, "a: 2\n");
  assert_recalled (bench, "a: 1\n", 41, TRUE);
  assert_recalled (bench, "a: 2\n", 42, TRUE);
  assert_recalled (bench, "by hand", 41, FALSE);

  record (state, 42, "a: 2\n", FALSE);
  assert_recalled (bench, "a: 2\n", 42, TRUE);
  assert_recalled (bench, "a: 1\n", 42, FALSE);

  record (state, G_MAXUINT64, NULL, FALSE);
  assert_recalled (bench, NULL, G_MAXUINT64, TRUE);
  assert_recalled (bench, "", G_MAXUINT64, FALSE);
}

static void
catch_up (RunconfState *state, guint64 version, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  runconf_state_catch_up (state, version, bytes);
}

/* The state has a text of the journal after runconf_state_flush(), or the next write. */
static void
test_noted (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfState) state = open_state (bench);
  g_autoptr (GBytes) second = g_bytes_new_static ("a: 2\n", 5);
  g_autoptr (GBytes) third = g_bytes_new_static ("a: 3\n", 5);
  g_autoptr (GError) error = NULL;

  record (state, 1, "a: 1\n", FALSE);
  runconf_state_note (state, 2, second);
  assert_recalled (bench, "a: 1\n", 1, TRUE);
  g_assert_true (runconf_state_flush (state, &error));
  assert_recalled (bench, "a: 2\n", 2, TRUE);
  assert_recalled (bench, "a: 1\n", 2, FALSE);

  runconf_state_note (state, 3, third);
  announce (state, 4, "a: 4\n");
  assert_recalled (bench, "a: 3\n", 3, TRUE);
  assert_recalled (bench, "a: 4\n", 4, TRUE);
  g_assert_true (runconf_state_flush (state, &error));
  assert_recalled (bench, "a: 4\n", 4, TRUE);

  runconf_state_note (state, 4, third);
  g_assert_true (runconf_state_record_version (state, 5, &error));
  assert_recalled (bench, "a: 3\n", 5, TRUE);
}

/* The texts of the journal, of which the last one may not have replaced the one before. */
static void
test_catch_up (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfState) state = open_state (bench);

  catch_up (state, 9, "a: 9\n");
  assert_lost (bench);

  record (state, 2, "a: 2\n", FALSE);
  catch_up (state, 1, "a: 1\n");
  catch_up (state, 2, "b: 2\n");
  assert_recalled (bench, "a: 2\n", 2, TRUE);
  assert_recalled (bench, "b: 2\n", 2, FALSE);

  catch_up (state, 3, "a: 3\n");
  assert_recalled (bench, "a: 2\n", 2, TRUE);
  assert_recalled (bench, "a: 3\n", 3, TRUE);
  catch_up (state, 4, "a: 4\n");
  assert_recalled (bench, "a: 2\n", 3, FALSE);
  assert_recalled (bench, "a: 3\n", 3, TRUE);
  assert_recalled (bench, "a: 4\n", 4, TRUE);
  assert_recalled (bench, "by hand", 3, FALSE);
}

/* The announced text may be recorded by its pointer. */
static void
test_same_bytes (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfState) state = open_state (bench);
  g_autoptr (GBytes) text = g_bytes_new_static ("a: 1\n", 5);

  g_assert_true (runconf_state_announce (state, 1, text, NULL));
  assert_recalled (bench, NULL, 0, TRUE);
  g_assert_true (runconf_state_record (state, 1, text, FALSE, NULL));
  assert_recalled (bench, "a: 1\n", 1, TRUE);
}

static void
test_small (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfState) state = open_state (bench);
  g_autofree char *path = bench_path (bench, "state");
  struct stat before;
  struct stat after;

  g_assert_cmpuint (bench_count (bench, "*"), ==, 0);
  record (state, 1, "a: 1\n", FALSE);
  g_assert_no_errno (stat (path, &before));
  announce (state, G_MAXUINT64, "a: 2\n");
  g_assert_no_errno (stat (path, &after));

  g_assert_cmpuint (before.st_size, <, 512);
  g_assert_cmpuint (before.st_size, ==, after.st_size);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
  g_assert_cmpuint (before.st_mode & 0777, ==, 0600);
}

static void
test_durable (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfState) state = open_state (bench);

  /* fdatasync for the file, fsync for its directory */
  faults_reset ();
  record (state, 1, "a: 1\n", FALSE);
  g_assert_cmpuint (faults_count (CALL_FSYNC), ==, 0);
  record (state, 2, "a: 2\n", TRUE);
  g_assert_cmpuint (faults_count (CALL_FSYNC), ==, 1);
  record (state, 3, "a: 3\n", TRUE);
  g_assert_cmpuint (faults_count (CALL_FSYNC), ==, 1);
  assert_recalled (bench, "a: 3\n", 3, TRUE);
}

/* If they can't, each write fails. */
static void
let_files_grow (gboolean may_grow)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_FSIZE, &limit));
  limit.rlim_cur = may_grow ? limit.rlim_max : 0;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_no_errno (setrlimit (RLIMIT_FSIZE, &limit));
}

/* Recording values that the file has costs nothing, also in another process: each start does so. */
static void
test_nothing_new (Bench *bench, gconstpointer data)
{
  g_autofree char *path = bench_path (bench, "state");
  g_autoptr (GError) error = NULL;

  {
    g_autoptr (RunconfState) state = open_state (bench);

    record (state, 1, "a: 1\n", TRUE);
  }

  {
    g_autoptr (RunconfState) state = open_state (bench);

    let_files_grow (FALSE);
    record (state, 1, "a: 1\n", TRUE);
    record (state, 1, "a: 1\n", TRUE);

    /* values that couldn't be written aren't in the file */
    g_assert_false (runconf_state_record (state, 2, NULL, TRUE, &error));
    g_assert_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED);
    let_files_grow (TRUE);
    record (state, 2, NULL, TRUE);
    assert_recalled (bench, NULL, 2, TRUE);

    /* nor are they after another announcement, or if the file was removed */
    announce (state, 3, "a: 3\n");
    record (state, 2, NULL, TRUE);
    assert_recalled (bench, "a: 3\n", 2, FALSE);
    g_assert_no_errno (g_unlink (path));
    record (state, 2, NULL, TRUE);
    assert_recalled (bench, NULL, 2, TRUE);
  }
}

/* Returns: the last line of a state, which isn't needed to find the version */
static const char *
find_seal (const char *content)
{
  const char *seal = strstr (content, "sealed ");

  g_assert_nonnull (seal);
  return seal;
}

/* With any byte changed, or any part missing, the versions are ignored. */
static void
test_damaged (Bench *bench, gconstpointer data)
{
  g_autofree char *path = bench_path (bench, "state");
  g_autofree char *intact = NULL;
  gsize length;

  {
    g_autoptr (RunconfState) state = open_state (bench);

    record (state, 41, "a: 1\n", FALSE);
    announce (state, 42, "a: 2\n");
  }
  g_assert_true (g_file_get_contents (path, &intact, &length, NULL));

  for (gsize i = 0; i < (gsize) (find_seal (intact) - intact); i++)
    {
      g_autofree char *damaged = g_memdup2 (intact, length);

      damaged[i] ^= 1;
      g_assert_true (g_file_set_contents (path, damaged, length, NULL));
      assert_lost (bench);
      g_assert_true (g_file_set_contents (path, intact, i, NULL));
      assert_lost (bench);
    }

  g_assert_true (g_file_set_contents (path, intact, length, NULL));
  assert_recalled (bench, "a: 2\n", 42, TRUE);
}

static void
write_history (Bench *bench, const char *text)
{
  g_autofree char *path = bench_path (bench, "history");

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
seal (Bench *bench, RunconfState *state, guint64 newest)
{
  g_autofree char *path = bench_path (bench, "history");

  runconf_state_seal (state, path, newest);
}

/* Asks a new process. */
static void
assert_sealed (Bench *bench, gboolean is_sealed)
{
  g_autoptr (RunconfState) state = open_state (bench);
  g_autofree char *path = bench_path (bench, "history");

  g_assert_cmpint (runconf_state_is_sealed (state, path), ==, is_sealed);
}

/* A seal holds for the history that was closed, and until the next version. */
static void
test_seal (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfState) state = open_state (bench);
  g_autofree char *log = bench_path (bench, "history-wal");

  assert_sealed (bench, TRUE); /* there is no history */
  write_history (bench, "1");
  assert_sealed (bench, FALSE);
  seal (bench, state, 0);
  assert_lost (bench); /* a state without a version isn't written */

  record (state, 1, "a: 1\n", FALSE);
  seal (bench, state, 2);
  assert_sealed (bench, FALSE); /* the history is newer */
  seal (bench, state, 1);
  assert_sealed (bench, TRUE);
  assert_recalled (bench, "a: 1\n", 1, TRUE);
  record (state, 1, "a: 1\n", TRUE);
  assert_sealed (bench, TRUE); /* nothing was recorded */

  g_assert_true (g_file_set_contents (log, "", 0, NULL));
  assert_sealed (bench, FALSE); /* a process has the history open, or was killed */
  g_assert_no_errno (g_unlink (log));
  assert_sealed (bench, TRUE);

  write_history (bench, "12");
  assert_sealed (bench, FALSE);
  seal (bench, state, 1);
  announce (state, 2, "a: 2\n");
  assert_sealed (bench, FALSE);
  seal (bench, state, 2);
  assert_sealed (bench, FALSE); /* version 2 may never be made */
  record (state, 2, "a: 2\n", FALSE);
  seal (bench, state, 2);
  assert_sealed (bench, TRUE);
  g_assert_true (runconf_state_record_version (state, 3, NULL));
  assert_sealed (bench, FALSE);
}

/* A state without a seal is of an earlier format; a damaged seal is none. */
static void
test_lost_seal (Bench *bench, gconstpointer data)
{
  g_autofree char *path = bench_path (bench, "state");
  g_autofree char *intact = NULL;
  gsize length;

  write_history (bench, "1");
  {
    g_autoptr (RunconfState) state = open_state (bench);

    record (state, 41, "a: 1\n", FALSE);
    seal (bench, state, 41);
  }
  g_assert_true (g_file_get_contents (path, &intact, &length, NULL));

  for (gsize i = find_seal (intact) - intact; i < length; i++)
    {
      g_autofree char *damaged = g_memdup2 (intact, length);

      damaged[i] ^= 1;
      g_assert_true (g_file_set_contents (path, damaged, length, NULL));
      assert_sealed (bench, FALSE);
      assert_recalled (bench, "a: 1\n", 41, TRUE);
      g_assert_true (g_file_set_contents (path, intact, i, NULL));
      assert_sealed (bench, FALSE);
      assert_recalled (bench, "a: 1\n", 41, TRUE);
    }

  {
    g_autoptr (RunconfState) state = open_state (bench);

    seal (bench, state, 41);
  }
  assert_sealed (bench, TRUE);
}

static void
test_removed (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfState) state = open_state (bench);
  g_autofree char *path = bench_path (bench, "state");

  record (state, 1, "a: 1\n", FALSE);
  g_assert_no_errno (g_unlink (path));
  record (state, 2, "a: 2\n", FALSE);
  assert_recalled (bench, "a: 2\n", 2, TRUE);
}

static void
test_failures (Bench *bench, gconstpointer data)
{
  g_autofree char *path = bench_path (bench, "none/state");
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfState) state = runconf_state_open (path, &error);

  g_assert_no_error (error);
  g_assert_false (runconf_state_record (state, 1, NULL, FALSE, &error));
  g_assert_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (error->message, path));
  g_clear_error (&error);

  g_assert_null (runconf_state_open (bench->directory, &error));
  g_assert_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED);
}

#define add(name, func)                                                                            \
  g_test_add ("/store/state/" name, Bench, "true", bench_make, func, bench_remove)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("crash-points", test_crash_points);
  add ("noted", test_noted);
  add ("catch-up", test_catch_up);
  add ("same-bytes", test_same_bytes);
  add ("small", test_small);
  add ("durable", test_durable);
  add ("nothing-new", test_nothing_new);
  add ("damaged", test_damaged);
  add ("seal", test_seal);
  add ("lost-seal", test_lost_seal);
  add ("removed", test_removed);
  add ("failures", test_failures);

  return g_test_run ();
}
