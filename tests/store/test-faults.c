/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "faults.h"
#include "support.h"

/* Replacing with another writer in each of its gaps, with each of its calls failing, and with the
 * process ending before each of them.
 */

static void
assert_clean (Bench *bench)
{
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 0);
  g_assert_cmpuint (bench_count (bench, "*.lost-*"), ==, 0);
}

static void
replace_fails (Bench *bench, RunconfStoreError code, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bench_replace (bench, "mine: 1\n", &error));
  g_assert_error (error, RUNCONF_STORE_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, part));
}

static void
save_over (Bench *bench, const char *text)
{
  g_autofree char *other = bench_path (bench, "other");

  bench_write (bench, "other", text);
  g_assert_no_errno (g_rename (other, bench->path));
}

static void
save_one (gpointer bench)
{
  save_over (bench, "one: 1\n");
}

static void
save_two (gpointer bench)
{
  save_over (bench, "two: 1\n");
}

static void
save_three (gpointer bench)
{
  save_over (bench, "three: 1\n");
}

static void
write_in_place (gpointer bench)
{
  bench_write (bench, "c.yaml", "place: 1\n");
}

static void
delete_file (gpointer bench)
{
  g_unlink (((Bench *) bench)->path);
}

static void
test_save_before_exchange (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  faults_reset ();
  faults_meet (CALL_RENAMEAT2, 0, save_one, bench);
  replace_fails (bench, RUNCONF_STORE_ERROR_CONFLICT, "was changed meanwhile");
  bench_assert_text (bench, "one: 1\n");
  assert_clean (bench);
}

static void
test_write_before_exchange (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  faults_reset ();
  faults_meet (CALL_RENAMEAT2, 0, write_in_place, bench);
  replace_fails (bench, RUNCONF_STORE_ERROR_CONFLICT, "was changed meanwhile");
  bench_assert_text (bench, "place: 1\n");
  assert_clean (bench);
}

static void
test_delete_before_exchange (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  faults_reset ();
  faults_meet (CALL_RENAMEAT2, 0, delete_file, bench);
  replace_fails (bench, RUNCONF_STORE_ERROR_CONFLICT, "was changed meanwhile");
  g_assert_false (g_file_test (bench->path, G_FILE_TEST_EXISTS));
  assert_clean (bench);
}

/* The newest save has the name in the end; an older one that wasn't read is kept. */
static void
test_save_while_giving_back (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  faults_reset ();
  faults_meet (CALL_RENAMEAT2, 0, save_one, bench);
  faults_meet (CALL_RENAMEAT2, 1, save_two, bench);
  replace_fails (bench, RUNCONF_STORE_ERROR_CONFLICT, "was changed meanwhile");
  bench_assert_text (bench, "two: 1\n");
  g_assert_cmpuint (bench_count (bench, "c.yaml.lost-*"), ==, 1);
  g_assert_nonnull (strstr (messages_get_last (), "c.yaml.lost-"));
  bench_run (bench, "grep -q one c.yaml.lost-*");
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 0);
}

static void
test_saves_while_giving_back (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  faults_reset ();
  faults_meet (CALL_RENAMEAT2, 0, save_one, bench);
  faults_meet (CALL_RENAMEAT2, 1, save_two, bench);
  faults_meet (CALL_RENAMEAT2, 2, save_three, bench);
  replace_fails (bench, RUNCONF_STORE_ERROR_CONFLICT, "was changed meanwhile");
  bench_assert_text (bench, "three: 1\n");
  bench_run (bench, "grep -q two c.yaml.lost-*");
}

static void
test_write_while_giving_back (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  faults_reset ();
  faults_meet (CALL_RENAMEAT2, 0, save_one, bench);
  faults_meet (CALL_RENAMEAT2, 1, write_in_place, bench);
  replace_fails (bench, RUNCONF_STORE_ERROR_CONFLICT, "was changed meanwhile");
  bench_assert_text (bench, "one: 1\n");
  bench_wait_late (bench, "place: 1\n", "mine: 1\n");
}

static FILE *
open_file (Bench *bench)
{
  FILE *file = fopen (bench->path, "r+e");

  g_assert_nonnull (file);
  return file;
}

static void
write_late (FILE *file, const char *text)
{
  g_assert_cmpint (fputs (text, file), >=, 0);
  g_assert_cmpint (fflush (file), ==, 0);
}

/* A process that has the file open when it is replaced writes into a file without a name. */
static void
test_held_over_a_replace (Bench *bench, gconstpointer data)
{
  FILE *file;

  bench_open (bench, FALSE);
  file = open_file (bench);
  g_assert_true (bench_replace (bench, "mine: 1\n", NULL));
  runconf_store_settle (bench->store);
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 1);
  write_late (file, "late: 1\n");
  bench_turn (bench, 300);
  g_assert_null (bench->late);
  write_late (file, "more: 1\n");
  fclose (file);
  bench_wait_late (bench, "late: 1\nmore: 1\n", "a: 1\n");
  bench_assert_text (bench, "mine: 1\n");
  bench_turn (bench, 1500);
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 0);
}

/* When the store is closed, late text is kept in a file, since it can't be reported any more. */
static void
test_held_until_the_end (Bench *bench, gconstpointer data)
{
  FILE *file;

  bench_open (bench, FALSE);
  file = open_file (bench);
  g_assert_true (bench_replace (bench, "mine: 1\n", NULL));
  runconf_store_settle (bench->store);
  write_late (file, "late: 1\n");
  fclose (file);
  bench_close (bench);
  bench_run (bench, "grep -q late c.yaml.lost-*");
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 0);
}

/* A process that still has the file open can't be waited for: the next start continues with it. */
static void
test_held_beyond_the_end (Bench *bench, gconstpointer data)
{
  FILE *file;

  bench_open (bench, FALSE);
  file = open_file (bench);
  g_assert_true (bench_replace (bench, "mine: 1\n", NULL));
  runconf_store_settle (bench->store);
  bench_close (bench);
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 1);

  bench_open (bench, FALSE);
  runconf_store_tidy (bench->store, NULL);
  write_late (file, "late: 1\n");
  fclose (file);
  bench_wait_late (bench, "late: 1\n", "a: 1\n");
  bench_turn (bench, 1500);
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 0);
}

/* A text isn't used while a process is writing it, for any pause of less than a second. */
static void
test_load_while_written (Bench *bench, gconstpointer data)
{
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GBytes) stamp = NULL;
  g_autoptr (GError) error = NULL;
  FILE *file;

  bench_open (bench, FALSE);
  file = open_file (bench);
  write_late (file, "half");
  g_assert_false (runconf_store_load (bench->store, &text, &stamp, &error));
  g_assert_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_BUSY);
  write_late (file, ": 1\n");
  fclose (file);
  g_assert_true (runconf_store_load (bench->store, &text, &stamp, NULL));
  g_assert_cmpmem (g_bytes_get_data (text, NULL), g_bytes_get_size (text), "half: 1\n", 8);
}

static void
test_delete_while_giving_back (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  faults_reset ();
  faults_meet (CALL_RENAMEAT2, 0, save_one, bench);
  faults_meet (CALL_RENAMEAT2, 1, delete_file, bench);
  replace_fails (bench, RUNCONF_STORE_ERROR_CONFLICT, "was changed meanwhile");
  g_assert_false (g_file_test (bench->path, G_FILE_TEST_EXISTS));
  bench_run (bench, "grep -q one c.yaml.lost-*");
}

static void
test_save_before_creation (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  faults_reset ();
  faults_meet (CALL_RENAMEAT2, 0, save_one, bench);
  replace_fails (bench, RUNCONF_STORE_ERROR_CONFLICT, "was changed meanwhile");
  bench_assert_text (bench, "one: 1\n");
  assert_clean (bench);
}

static void
test_no_exchange (Bench *bench, gconstpointer data)
{
  const int numbers[] = { EINVAL, ENOSYS, EOPNOTSUPP };

  bench_open (bench, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *text = g_strdup_printf ("a: %u\n", i + 2);
      g_autofree char *theirs = g_strdup_printf ("b: %u\n", i + 2);

      faults_reset ();
      faults_fail (CALL_RENAMEAT2, 0, 9, numbers[i]);
      g_assert_true (bench_replace (bench, text, NULL));
      bench_assert_text (bench, text);

      save_over (bench, theirs);
      replace_fails (bench, RUNCONF_STORE_ERROR_CONFLICT, "was changed meanwhile");
      bench_assert_text (bench, theirs);

      g_unlink (bench->path);
      bench_load (bench);
      g_assert_true (bench_replace (bench, text, NULL));
      bench_assert_text (bench, text);
      assert_clean (bench);
    }
}

static void
test_no_exchange_race (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  faults_reset ();
  faults_fail (CALL_RENAMEAT2, 0, 9, EINVAL);
  faults_meet (CALL_RENAMEAT2, 0, save_one, bench);
  replace_fails (bench, RUNCONF_STORE_ERROR_CONFLICT, "was changed meanwhile");
  bench_assert_text (bench, "one: 1\n");
  assert_clean (bench);
}

typedef struct
{
  Call call;
  guint nth;
  int number;
  const char *part;
} Failure;

static const Failure failures[] = {
  { CALL_WRITE, 0, ENOSPC, "can't write the new text: No space left on device; free space" },
  { CALL_WRITE, 0, EDQUOT, "raise the quota" },
  { CALL_WRITE, 0, EIO, "see the kernel's log" },
  { CALL_FCHMOD, 0, EPERM, "can't copy its attributes" },
  { CALL_FSYNC, 0, EIO, "can't sync the new text to the disk" },
  { CALL_FSYNC, 0, ENOSPC, "can't sync the new text to the disk" },
  { CALL_FSYNC, 1, EIO, "so the old state is restored" },
  { CALL_RENAMEAT2, 0, EBUSY, "mount its directory instead" },
  { CALL_RENAMEAT2, 0, EACCES, "can't rename the new text into place" },
};

/* After each failure the store continues from the old text: neither a conflict nor a change. */
static void
test_failures (Bench *bench, gconstpointer data)
{
  bench_open (bench, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autofree char *old = bench_read (bench, "c.yaml");
      g_autofree char *text = g_strdup_printf ("next: %u\n", i);

      faults_reset ();
      faults_fail (failures[i].call, failures[i].nth, 1, failures[i].number);
      replace_fails (bench, RUNCONF_STORE_ERROR_FAILED, failures[i].part);
      bench_assert_text (bench, old);
      assert_clean (bench);
      /* the failed call was not retried */
      if (failures[i].call == CALL_FSYNC)
        g_assert_cmpuint (faults_count (CALL_FSYNC), ==, failures[i].nth + 1);

      g_assert_true (bench_replace (bench, text, NULL));
      bench_assert_text (bench, text);
    }

  bench_wait_changed (bench, 0, 0);
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_FRESH);
}

/* A disk that fails may be read-only from then on. The text in the file counts as a change. */
static void
test_failed_for_good (Bench *bench, gconstpointer data)
{
  bench_open (bench, TRUE);
  faults_reset ();
  faults_fail (CALL_FSYNC, 1, 1, EIO);
  faults_fail (CALL_RENAMEAT2, 1, 9, EROFS);
  replace_fails (bench, RUNCONF_STORE_ERROR_FAILED, "may not survive a power cut");
  bench_assert_text (bench, "mine: 1\n");
  bench_wait_changed (bench, 1, 1000);

  /* and the old text still exists */
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 1);
  bench_run (bench, "grep -q 'a: 1' .c.yaml.*.tmp");
}

static void
test_failed_creation (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  faults_reset ();
  faults_fail (CALL_FSYNC, 1, 1, EIO);
  replace_fails (bench, RUNCONF_STORE_ERROR_FAILED, "so the old state is restored");
  g_assert_false (g_file_test (bench->path, G_FILE_TEST_EXISTS));
  assert_clean (bench);
  g_assert_true (bench_replace (bench, "a: 1\n", NULL));
}

static void
test_interrupted_writes (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  faults_reset ();
  faults_fail (CALL_WRITE, 0, 2, EINTR);
  g_assert_true (bench_replace (bench, "a: 2\n", NULL));
  bench_assert_text (bench, "a: 2\n");

  faults_reset ();
  faults_fail (CALL_WRITE, 0, 3, 0);
  g_assert_true (bench_replace (bench, "a: 3\n", NULL));
  bench_assert_text (bench, "a: 3\n");
}

/* Returns: whether the child got to the end */
static gboolean
replace_in_child (Bench *bench, guint die_at)
{
  pid_t pid = fork ();
  int status;

  if (pid == 0)
    {
      bench_open (bench, FALSE);
      faults_reset ();
      faults_die (die_at);
      bench_replace (bench, "mine: 1\n", NULL);
      _exit (1);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status) == 1;
}

static void
test_kills (Bench *bench, gconstpointer data)
{
  gboolean is_absent = !g_file_test (bench->path, G_FILE_TEST_EXISTS);
  guint n_kills = 0;
  gboolean is_over = FALSE;

  for (; !is_over; n_kills++)
    {
      g_autofree char *found = NULL;

      is_over = replace_in_child (bench, n_kills);

      found = bench_read (bench, "c.yaml");
      if (g_strcmp0 (found, "mine: 1\n") != 0)
        g_assert_cmpstr (found, ==, is_absent ? NULL : "a: 1\n");

      bench_open (bench, FALSE);
      runconf_store_tidy (bench->store, NULL);
      g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 0);
      bench_close (bench);

      if (is_absent)
        g_unlink (bench->path);
      else
        bench_write (bench, "c.yaml", "a: 1\n");
    }

  g_assert_cmpuint (n_kills, >=, is_absent ? 5 : 7);
}

#define add(name, setup, func)                                                                     \
  g_test_add ("/store/faults/" name, Bench, setup, bench_make, func, bench_remove)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  add ("save-before-exchange", NULL, test_save_before_exchange);
  add ("write-before-exchange", NULL, test_write_before_exchange);
  add ("held-over-a-replace", NULL, test_held_over_a_replace);
  add ("held-until-the-end", NULL, test_held_until_the_end);
  add ("held-beyond-the-end", NULL, test_held_beyond_the_end);
  add ("load-while-written", NULL, test_load_while_written);
  add ("delete-before-exchange", NULL, test_delete_before_exchange);
  add ("save-while-giving-back", NULL, test_save_while_giving_back);
  add ("saves-while-giving-back", NULL, test_saves_while_giving_back);
  add ("write-while-giving-back", NULL, test_write_while_giving_back);
  add ("delete-while-giving-back", NULL, test_delete_while_giving_back);
  add ("save-before-creation", "true", test_save_before_creation);
  add ("no-exchange", NULL, test_no_exchange);
  add ("no-exchange-race", NULL, test_no_exchange_race);
  add ("failures", NULL, test_failures);
  add ("failed-for-good", NULL, test_failed_for_good);
  add ("failed-creation", "true", test_failed_creation);
  add ("interrupted-writes", NULL, test_interrupted_writes);
  add ("kills", NULL, test_kills);
  add ("kills-absent", "true", test_kills);

  return g_test_run ();
}
