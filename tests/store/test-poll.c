/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "faults.h"
#include "support.h"

/* In ms: when the timer has found a change without an event. */
#define LATER 4000
/* the same where all watches are there: the slow timer looks each 30 s */
#define MUCH_LATER 34000

static void
assert_saved_within (Bench *bench, guint ms)
{
  bench_wait_changed (bench, 1, ms);
  bench_load (bench);
  g_assert_cmpmem (g_bytes_get_data (bench->text, NULL), g_bytes_get_size (bench->text), "a: 2\n",
                   5);
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_FRESH);
}

static void
assert_saved (Bench *bench)
{
  assert_saved_within (bench, LATER);
}

static void
test_hard_link (Bench *bench, gconstpointer data)
{
  bench_open (bench, TRUE);
  bench_run (bench, "echo 'a: 2' > t/other");
  assert_saved (bench);
}

static void
test_bind_source (Bench *bench, gconstpointer data)
{
  g_autofree char *source = bench_path (bench, "t/source");

  g_assert_no_errno (mount (source, bench->path, NULL, MS_BIND, NULL));
  bench_open (bench, TRUE);
  bench_run (bench, "echo 'a: 2' > t/source");
  assert_saved (bench);
  bench_close (bench);
  g_assert_no_errno (umount (bench->path));
}

static void
make_plain (Bench *bench, gconstpointer data)
{
  bench_make (bench, NULL);
}

static void
test_no_inotify (Bench *bench, gconstpointer data)
{
  faults_reset ();
  faults_fail (GPOINTER_TO_INT (data), 0, G_MAXINT,
               GPOINTER_TO_INT (data) == CALL_INOTIFY_INIT ? EMFILE : ENOSPC);
  bench_open (bench, TRUE);
  g_assert_nonnull (strstr (messages_get_last (), "by a timer"));
  bench_run (bench, "sleep 0.1; echo 'a: 2' > c.yaml");
  assert_saved (bench);
  faults_reset ();
}

/* A write in the same tick, of the same size: no stat shows it. */
static void
test_racy (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  faults_reset ();
  faults_fail (CALL_INOTIFY_ADD, 0, G_MAXINT, ENOSPC);
  bench_open (bench, TRUE);
  g_assert_true (bench_replace (bench, "a: 0\n", &error));
  bench_write (bench, "c.yaml", "a: 2\n");
  assert_saved (bench);
  faults_reset ();
}

/* The kernel accepts each watch, and reports nothing. */
static void
test_missed (Bench *bench, gconstpointer data)
{
  faults_deafen (TRUE);
  bench_open (bench, TRUE);
  bench_run (bench, "echo 'a: 2' > c.yaml");
  assert_saved_within (bench, MUCH_LATER);
  faults_deafen (FALSE);
}

/* Folders above that this process may not read can't be watched. They are left to the slow timer. */
static void
test_closed_parents (Bench *bench, gconstpointer data)
{
  g_auto (GStrv) above = g_strsplit (bench->directory, G_DIR_SEPARATOR_S, -1);
  /* the first part is empty, and the folder `d` comes after the last one */
  guint n_above = g_strv_length (above) - 1 + 1;

  g_free (bench->path);
  bench->path = bench_path (bench, "d/e/c.yaml");
  faults_reset ();
  faults_fail (CALL_INOTIFY_ADD, 0, n_above, EACCES);
  bench_open (bench, TRUE);
  bench_write (bench, "d/e/c.yaml", "a: 2\n");
  assert_saved (bench);
  faults_reset ();

  bench_run (bench, "cp -r d new; echo 'a: 3' > new/e/c.yaml; mv d old; mv new d");
  bench_turn (bench, LATER);
  g_assert_cmpuint (bench->n_changed, ==, 1);
}

#define add(name, setup, func)                                                                     \
  g_test_add ("/store/poll/" name, Bench, setup, bench_make, func, bench_remove)

#define add_call(name, call, func)                                                                 \
  g_test_add ("/store/poll/" name, Bench, GINT_TO_POINTER (call), make_plain, func, bench_remove)

int
main (int argc, char **argv)
{
  gboolean mounts = can_mount ();

  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  add ("hard-link", "mkdir t; echo 'a: 1' > c.yaml; ln c.yaml t/other", test_hard_link);
  if (mounts)
    add ("bind-source", "mkdir t; echo 'a: 1' > t/source; : > c.yaml", test_bind_source);
  add_call ("no-inotify", CALL_INOTIFY_INIT, test_no_inotify);
  add_call ("no-more-watches", CALL_INOTIFY_ADD, test_no_inotify);
  add ("closed-parents", "mkdir -p d/e; echo 'a: 1' > d/e/c.yaml", test_closed_parents);
  add ("racy", NULL, test_racy);
  add ("missed", NULL, test_missed);

  return g_test_run ();
}
