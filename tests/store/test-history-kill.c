/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "test-history-support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "store/digest.h"
#include "tests/core/testutil.h"

/* A process that writes a text and its history is killed at random times. The history must match
 * the text exactly, without gaps and in order: the model depends only on the version. Each try of a
 * version has its number in the text and in the message, so a record of a try that didn't happen
 * would be found.
 */

#define N_KILLS 200

/* The process reports here before it is killed. */
typedef struct
{
  guint64 acknowledged;
  guint64 n_tries;
} Shared;

static GPtrArray *model; /* (element-type RunconfNode): by version */

/* Each version sets or removes one to three leaves. */
static const RunconfNode *
get_tree (guint64 version)
{
  while (model->len <= version)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (model->len);
      RunconfNode *tree = runconf_node_ref (model->pdata[model->len - 1]);
      g_autoptr (RunconfNode) value = runconf_node_new_integer (model->len);

      for (gint left = g_rand_int_range (rand, 1, 4); left > 0; left--)
        {
          g_autoptr (RunconfNode) old = tree;
          g_autofree char *pointer = g_strdup_printf ("/a%d/b%d", g_rand_int_range (rand, 0, 5),
                                                      g_rand_int_range (rand, 0, 3));

          tree = g_rand_int_range (rand, 0, 4) > 0 ? tree_set (old, pointer, value)
                                                   : tree_remove (old, pointer);
        }
      g_ptr_array_add (model, tree);
    }

  return model->pdata[version];
}

static char *
read_text (Bench *bench, guint64 *version, guint64 *try)
{
  g_autofree char *path = g_build_filename (bench->directory, "text", NULL);
  char *text = NULL;

  *version = 0;
  *try = 0;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return g_strdup ("");

  g_assert_cmpint (sscanf (text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, version, try), ==, 2);
  return text;
}

static GBytes *
digest_text (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return runconf_digest_new (bytes);
}

static void
exchange_text (Bench *bench, const char *text)
{
  g_autofree char *path = g_build_filename (bench->directory, "text", NULL);
  g_autofree char *temp = g_strconcat (path, ".tmp", NULL);
  FILE *file = fopen (temp, "w");

  fputs (text, file);
  fclose (file);
  g_assert_no_errno (rename (temp, path));
}

/* A batch of one to three versions that leads to one text.
 *
 * Returns: whether it happened
 */
static gboolean
write_batch (Bench *bench, Shared *shared, guint64 version)
{
  guint n = g_random_int_range (1, 4);
  guint64 try = ++shared->n_tries;
  g_autofree char *text
      = g_strdup_printf ("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", version + n, try);
  g_autofree char *message = g_strdup_printf ("%" G_GUINT64_FORMAT, try);
  g_autoptr (GBytes) digest = digest_text (text);
  g_autoptr (GBytes) kept = g_bytes_new (text, strlen (text));
  RunconfHistoryRecord records[3];
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    records[i] = record_make (bench, version + i + 1, i, get_tree (version + i),
                              get_tree (version + i + 1), message);

  prepare_records (bench->history, records, n, digest, kept, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    record_clear (&records[i]);

  if (g_random_int_range (0, 8) == 0)
    {
      runconf_history_abandon (bench->history, &error);
      g_assert_no_error (error);
      return FALSE;
    }

  exchange_text (bench, text);
  shared->acknowledged = version + n;
  runconf_history_confirm (bench->history, &error);
  g_assert_no_error (error);
  return TRUE;
}

static void
reconcile (Bench *bench)
{
  guint64 version, try, newest;
  g_autofree char *text = read_text (bench, &version, &try);
  g_autoptr (GBytes) digest = digest_text (text);
  g_autoptr (GError) error = NULL;

  runconf_history_reconcile (bench->history, &digest, 1, &newest, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (newest, ==, version);
}

static void
run_child (Bench *bench, Shared *shared, int ready)
{
  guint64 version;

  g_random_set_seed (getpid ());
  bench_open (bench);
  reconcile (bench);
  version = runconf_history_get_newest_version (bench->history);
  g_assert_cmpint (write (ready, "!", 1), ==, 1);

  for (guint i = 1;; i++)
    {
      if (write_batch (bench, shared, version))
        version = shared->acknowledged;
      if (i % 5 == 0)
        runconf_history_settle (bench->history, NULL, NULL);
    }
}

/* At a random time after the process is ready, or after its start. */
static void
kill_one (Bench *bench, Shared *shared)
{
  gboolean at_start = g_test_rand_int_range (0, 5) == 0;
  int pipe_fds[2], status;
  char byte;
  pid_t pid;

  g_assert_no_errno (pipe (pipe_fds));
  pid = fork ();
  if (pid == 0)
    {
      close (pipe_fds[0]);
      run_child (bench, shared, pipe_fds[1]);
      _exit (1);
    }

  close (pipe_fds[1]);
  if (!at_start)
    g_assert_cmpint (read (pipe_fds[0], &byte, 1), ==, 1);
  g_usleep (g_test_rand_int_range (0, 12000));
  g_assert_no_errno (kill (pid, SIGKILL));
  waitpid (pid, &status, 0);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  close (pipe_fds[0]);
}

static void
check_records (Bench *bench, guint64 version, guint64 try, guint64 n_checked)
{
  guint64 since = version - MIN (version, n_checked);
  g_autoptr (GPtrArray) records = runconf_history_list (bench->history, "", 0, since, NULL);
  guint64 text_version;
  g_autoptr (GBytes) text = runconf_history_get_text (bench->history, &text_version, NULL);

  g_assert_cmpuint (records->len, ==, version - since);
  g_assert_cmpuint (text_version, ==, version);
  for (guint i = 0; i < records->len; i++)
    {
      const RunconfHistoryRecord *record = records->pdata[i];
      g_autoptr (RunconfNode) made = NULL;

      g_assert_cmpuint (record->version, ==, version - i);
      g_assert_cmpuint (g_ascii_strtoull (record->message, NULL, 10), <=, try);
      made = runconf_diff_apply (get_tree (version - i - 1), record->deltas);
      g_assert_true (runconf_node_equal (made, get_tree (version - i)));
    }

  if (version > 0)
    g_assert_cmpuint (
        g_ascii_strtoull (((RunconfHistoryRecord *) records->pdata[0])->message, NULL, 10), ==,
        try);
}

/* Checks the newest records: more than one life of the process makes. */
static void
check (Bench *bench, Shared *shared, guint64 n_checked)
{
  guint64 version, try;
  g_autofree char *text = read_text (bench, &version, &try);

  bench_open (bench);
  reconcile (bench);
  g_assert_cmpuint (version, >=, shared->acknowledged);
  check_records (bench, version, try, n_checked);

  for (guint i = 0; i < 5 && version > 0; i++)
    {
      guint64 wanted = g_test_rand_int_range (0, (gint32) version);
      g_autoptr (RunconfNode) tree = runconf_history_get_overrides_at (
          bench->history, get_tree (version), version, wanted, NULL);

      g_assert_true (runconf_node_equal (tree, get_tree (wanted)));
    }
  bench_close (bench);
}

static void
test_kills (Bench *bench, gconstpointer data)
{
  Shared *shared
      = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  g_assert_true (shared != MAP_FAILED);
  bench_close (bench);
  model = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_node_unref);
  g_ptr_array_add (model, runconf_node_ref (bench->overrides));

  for (guint i = 0; i < N_KILLS; i++)
    {
      kill_one (bench, shared);
      check (bench, shared, 1000);
    }

  check (bench, shared, G_MAXUINT64);

  g_assert_cmpuint (bench_count (bench, "history.corrupt-*"), ==, 0);
  g_test_message ("%u kills, %" G_GUINT64_FORMAT " versions, %" G_GUINT64_FORMAT " tries", N_KILLS,
                  shared->acknowledged, shared->n_tries);
  g_ptr_array_unref (model);
  munmap (shared, sizeof *shared);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/store/history/kills", Bench, NULL, bench_make, test_kills, bench_remove);

  return g_test_run ();
}
