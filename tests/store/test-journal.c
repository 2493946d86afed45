/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/digest.h"
#include "store/fd.h"
#include "store/file/journal.h"
#include "faults.h"
#include "support.h"

#define NAME ".c.yaml.journal"

static GBytes *
make_bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

/* --- the journal alone, against a list of texts --- */

#define MAX_TEXT 12000

typedef struct
{
  int directory;
  RunconfJournal *journal;
  GPtrArray *texts;
} Model;

static void
check_entries (Model *model)
{
  g_autoptr (RunconfJournal) again = runconf_journal_open (model->directory, NAME);
  g_autoptr (GPtrArray) entries = NULL;

  g_assert_nonnull (again);
  entries = runconf_journal_list (again);
  g_assert_cmpuint (entries->len, ==, model->texts->len);
  for (guint i = 0; i < entries->len; i++)
    {
      const RunconfJournalEntry *entry = entries->pdata[i];

      g_assert_true (g_bytes_equal (entry->text, model->texts->pdata[i]));
      g_assert_true (g_bytes_equal (entry->attachment, model->texts->pdata[i]));
      g_assert_cmpuint (entry->old.inode, ==, i);
      g_assert_cmpint (entry->new.mtime, ==, -(gint64) i);
    }
}

static GBytes *
make_random_text (void)
{
  gsize size = (gsize) g_test_rand_int_range (0, g_test_rand_bit () ? 200 : MAX_TEXT);
  char *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (char) g_test_rand_int_range (0, 256);

  return g_bytes_new_take (data, size);
}

static void
add (Model *model)
{
  g_autoptr (GBytes) text = make_random_text ();
  g_autoptr (GBytes) digest = runconf_digest_new (text);
  guint i = model->texts->len;
  const RunconfJournalEntry entry = { { i, 1 }, digest, { i + 1, -(gint64) i }, text, text };

  if (!runconf_journal_has_room (model->journal, 2 * g_bytes_get_size (text)))
    {
      g_assert_true (runconf_journal_clear (model->journal));
      g_ptr_array_set_size (model->texts, 0);
      return;
    }

  g_assert_true (runconf_journal_add (model->journal, &entry));
  g_ptr_array_add (model->texts, g_bytes_ref (text));
}

static void
model_open (Model *model, Bench *bench)
{
  model->directory = open (bench->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  model->journal = runconf_journal_create (model->directory, NAME, 0);
  g_assert_nonnull (model->journal);
  model->texts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

static void
model_close (Model *model)
{
  runconf_journal_free (model->journal);
  g_ptr_array_unref (model->texts);
  runconf_fd_clear (&model->directory);
}

static void
test_entries (Bench *bench, gconstpointer unused)
{
  Model model;

  model_open (&model, bench);
  for (guint i = 0; i < 400; i++)
    {
      int step = g_test_rand_int_range (0, 20);

      add (&model);
      if (step < 3 && model.texts->len > 0)
        {
          g_assert_true (runconf_journal_revoke (model.journal));
          g_ptr_array_set_size (model.texts, (int) model.texts->len - 1);
        }
      else if (step == 3)
        {
          g_assert_true (runconf_journal_clear (model.journal));
          g_ptr_array_set_size (model.texts, 0);
        }
      check_entries (&model);
    }
  model_close (&model);
}

/* A power cut loses any of the sectors that aren't synced: those of the last entry, or of a clear. Each
 * entry that is found is one that was written.
 */
static void
test_lost_sectors (Bench *bench, gconstpointer unused)
{
  g_autofree char *path = bench_path (bench, NAME);

  for (guint round = 0; round < 200; round++)
    {
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      g_autoptr (GPtrArray) found = NULL;
      gboolean is_clear;
      gsize size;
      Model model;

      model_open (&model, bench);
      for (int i = g_test_rand_int_range (1, 8); i > 0; i--)
        add (&model);
      /* a full journal is cleared before it gets another entry, of which nothing is to be lost here */
      is_clear = g_test_rand_bit () || !runconf_journal_has_room (model.journal, 2 * MAX_TEXT);
      g_assert_true (g_file_get_contents (path, &before, &size, NULL));
      if (is_clear)
        g_assert_true (runconf_journal_clear (model.journal));
      else
        add (&model);
      g_assert_true (g_file_get_contents (path, &after, &size, NULL));

      for (gsize at = 0; at < size; at += 512)
        memcpy (after + at, g_test_rand_bit () ? after + at : before + at, 512);
      g_assert_true (g_file_set_contents_full (path, after, (gssize) size, G_FILE_SET_CONTENTS_NONE,
                                               0600, NULL));
      {
        g_autoptr (RunconfJournal) again = runconf_journal_open (model.directory, NAME);

        found = runconf_journal_list (again);
      }

      if (!is_clear && model.texts->len > 0)
        g_assert_cmpuint (found->len + 1, >=, model.texts->len);
      g_assert_cmpuint (found->len, <=, model.texts->len);
      for (guint i = 0; i < found->len; i++)
        g_assert_true (
            g_bytes_equal (((RunconfJournalEntry *) found->pdata[i])->text, model.texts->pdata[i]));
      model_close (&model);
    }
}

/* A file that isn't a journal, or is a damaged one, has no entries. */
static void
test_foreign (Bench *bench, gconstpointer unused)
{
  int directory = open (bench->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autofree char *path = bench_path (bench, NAME);
  g_autofree char *noise = g_malloc (128 * 1024);

  g_assert_null (runconf_journal_open (directory, NAME));
  bench_write (bench, NAME, "text\n");
  g_assert_null (runconf_journal_open (directory, NAME));
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (symlink ("c.yaml", path));
  g_assert_null (runconf_journal_open (directory, NAME));
  g_assert_null (runconf_journal_create (directory, NAME, 0));
  g_assert_no_errno (g_unlink (path));

  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (RunconfJournal) journal = NULL;
      g_autoptr (GPtrArray) entries = NULL;

      for (gsize at = 0; at < 128 * 1024; at++)
        noise[at] = (char) g_test_rand_int_range (0, 256);
      memcpy (noise, "RCJOURN", 8);
      g_assert_true (g_file_set_contents (path, noise, 128 * 1024, NULL));
      journal = runconf_journal_open (directory, NAME);
      entries = runconf_journal_list (journal);
      g_assert_cmpuint (entries->len, ==, 0);
    }
  runconf_fd_clear (&directory);
}

/* --- the store with it --- */

static gboolean
count_ready (gpointer user_data, GError **error)
{
  guint *n_ready = user_data;

  (*n_ready)++;
  return TRUE;
}

/* Returns: whether a text can be in the journal only, with the file system of the tests */
static gboolean
check_supported (Bench *bench)
{
  autofd int directory = open (bench->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (runconf_journal_is_supported (directory))
    return TRUE;

  g_test_skip ("this needs ext4 or tmpfs");
  return FALSE;
}

/* Returns: whether the text is in the journal only */
static gboolean
put (Bench *bench, const char *text, const char *attachment)
{
  g_autoptr (GBytes) bytes = make_bytes (text);
  g_autoptr (GBytes) data = attachment != NULL ? make_bytes (attachment) : NULL;
  g_autoptr (GError) error = NULL;
  GBytes *stamp = NULL;
  guint n_ready = 0;

  runconf_store_replace (bench->store, bytes, bench->stamp, data, count_ready, &n_ready, &stamp,
                         &error);
  g_assert_no_error (error);
  runconf_store_settle (bench->store);
  g_bytes_unref (bench->stamp);
  bench->stamp = stamp;

  return n_ready == 0;
}

/* The first text of a store is synced, and so is one that replaces another program's. */
static void
test_deferred (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  if (!check_supported (bench))
    return;

  bench_write (bench, "c.yaml", "a: 0\n");
  bench_open (bench, TRUE);
  bench_load (bench);
  g_assert_false (put (bench, "a: 1\n", "1"));
  g_assert_false (runconf_store_has_entries (bench->store));
  g_assert_true (put (bench, "a: 2\n", "2"));
  g_assert_true (put (bench, "a: 3\n", "3"));
  g_assert_false (put (bench, "a: 4\n", NULL));
  g_assert_true (put (bench, "a: 5\n", "5"));
  g_assert_true (runconf_store_has_entries (bench->store));
  runconf_store_clear_journal (bench->store);
  g_assert_true (runconf_store_has_entries (bench->store)); /* a: 5 isn't synced */
  g_assert_true (runconf_store_sync (bench->store, &error));
  runconf_store_clear_journal (bench->store);
  g_assert_false (runconf_store_has_entries (bench->store));

  bench_write (bench, "c.yaml", "a: 6\n");
  bench_wait_changed (bench, 1, 3000);
  bench_load (bench);
  g_assert_false (put (bench, "a: 7\n", "7"));
  g_assert_true (put (bench, "a: 8\n", "8"));

  /* without its file, or in another folder, it isn't used */
  bench_run (bench, "rm " NAME);
  g_assert_false (put (bench, "a: 9\n", "9"));
  g_assert_true (put (bench, "a: 10\n", "10"));
  bench_assert_text (bench, "a: 10\n");
}

static void
check_before_name (gpointer data)
{
  Bench *bench = data;
  g_autofree char *path = bench_path (bench, NAME);
  g_autofree char *journal = NULL;
  gsize size;

  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 0);
  g_assert_true (g_file_get_contents (path, &journal, &size, NULL));
  g_assert_nonnull (memmem (journal, size, "a: 2\n", 5));
}

/* The new text has no name before the journal has it. Where it can't get one, it is synced instead. */
static void
test_names (Bench *bench, gconstpointer unused)
{
  if (!check_supported (bench))
    return;

  bench_open (bench, FALSE);
  g_assert_false (put (bench, "a: 1\n", "1"));
  faults_reset ();
  faults_meet (CALL_LINKAT, 0, check_before_name, bench);
  g_assert_true (put (bench, "a: 2\n", "2"));
  g_assert_cmpuint (faults_count (CALL_LINKAT), ==, 1);

  faults_fail (CALL_LINKAT, 0, 1, EACCES);
  g_assert_false (put (bench, "a: 3\n", "3"));
  g_assert_false (put (bench, "a: 4\n", "4"));
  bench_assert_text (bench, "a: 4\n");
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 0);
  runconf_store_clear_journal (bench->store);
  g_assert_false (runconf_store_has_entries (bench->store));
  faults_reset ();
}

static void
test_room (Bench *bench, gconstpointer unused)
{
  g_autofree char *long_text = g_strnfill (RUNCONF_JOURNAL_MAX_ENTRY + 1, ' ');
  guint n_deferred = 0;

  if (!check_supported (bench))
    return;

  bench_open (bench, FALSE);
  g_assert_false (put (bench, "a: 1\n", ""));
  g_assert_false (put (bench, long_text, ""));
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("a: %u\n", i);

      n_deferred += put (bench, text, "");
    }
  g_assert_cmpuint (n_deferred, ==, 32);
}

/* The journal grows for a text that it has no room for, when it is clear. */
static void
test_growth (Bench *bench, gconstpointer unused)
{
  g_autofree char *large_text = g_strnfill (RUNCONF_JOURNAL_MAX_ENTRY - 1, ' ');
  g_autofree char *other_text = g_strnfill (RUNCONF_JOURNAL_MAX_ENTRY / 2, '\n');
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  if (!check_supported (bench))
    return;

  bench_open (bench, FALSE);
  g_assert_false (put (bench, "a: 1\n", "1"));
  g_assert_true (put (bench, "a: 2\n", "2"));
  g_assert_false (put (bench, large_text, "3"));
  g_assert_false (put (bench, large_text, "3"));
  runconf_store_clear_journal (bench->store);
  g_assert_false (put (bench, other_text, "4"));
  g_assert_true (put (bench, large_text, "5"));
  g_assert_true (put (bench, other_text, "6"));
  g_assert_true (put (bench, "a: 7\n", "7"));
  bench_close (bench);

  bench_open (bench, FALSE);
  entries = runconf_store_recover (bench->store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 3);
  runconf_store_clear_journal (bench->store);
  bench_load (bench);
  g_assert_false (put (bench, "a: 8\n", "8"));
  g_assert_true (put (bench, large_text, "9"));
}

/* What a power cut, a kill or another program leaves, after the texts 1 (synced), 2 and 3 (in the journal).
 *
 * @script: run by sh when the service has ended; “first” and “second” are the files of texts 1 and 2
 * @expected: (nullable): the text after a start
 */
typedef struct
{
  const char *name;
  const char *script;
  const char *expected;
} Cut;

#define THIRD "a: 3 # the third\n"

/* keeps the time of the file */
#define TEAR(command) "touch -r c.yaml time; " command "; touch -r time c.yaml; rm time"

static const Cut cuts[] = {
  { "new", ":", THIRD },
  { "old", "mv -f first c.yaml", THIRD },
  { "between", "mv -f second c.yaml", THIRD },
  { "empty", TEAR ("truncate -s 0 c.yaml"), THIRD },
  { "shorter", TEAR ("truncate -s 5 c.yaml"), THIRD },
  { "zeros", TEAR ("truncate -s 5 c.yaml; truncate -s 17 c.yaml"), THIRD },
  { "empty-between", "mv -f second c.yaml; " TEAR ("truncate -s 0 c.yaml"), THIRD },
  { "saved", "echo 'a: 9' > other; mv -f other c.yaml", "a: 9\n" },
  { "saved-in-place", "sleep 0.05; echo 'a: 9' > c.yaml", "a: 9\n" },
  { "saved-old-text", "cat first > other; mv -f other c.yaml", "a: 1 # the first\n" },
  { "emptied", "sleep 0.05; : > c.yaml", "" },
  { "cut-by-hand", "sleep 0.05; truncate -s 5 c.yaml", "a: 3 " },
  { "removed", "rm c.yaml", NULL },
};

static void
make_cut (Bench *bench, gconstpointer unused)
{
  bench_make (bench, NULL);
}

static void
test_cut (Bench *bench, gconstpointer data)
{
  const Cut *cut = data;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  if (!check_supported (bench))
    return;

  bench_open (bench, FALSE);
  g_assert_false (put (bench, "a: 1 # the first\n", "1"));
  bench_run (bench, "ln c.yaml first");
  g_assert_true (put (bench, "a: 2 # the second\n", "2"));
  bench_run (bench, "ln c.yaml second");
  g_assert_true (put (bench, THIRD, "3"));
  bench_close (bench);
  bench_run (bench, cut->script);

  bench_open (bench, FALSE);
  entries = runconf_store_recover (bench->store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 2);
  for (guint i = 0; i < entries->len; i++)
    {
      const RunconfJournalEntry *entry = entries->pdata[i];
      g_autoptr (GBytes) attachment = make_bytes (i == 0 ? "2" : "3");

      g_assert_true (g_bytes_equal (entry->attachment, attachment));
    }
  if (cut->expected != NULL)
    bench_assert_text (bench, cut->expected);
  else
    g_assert_cmpuint (bench_count (bench, "c.yaml"), ==, 0);

  runconf_store_clear_journal (bench->store);
  g_clear_pointer (&entries, g_ptr_array_unref);
  bench_close (bench);
  bench_open (bench, FALSE);
  entries = runconf_store_recover (bench->store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 0);
}

/* A text that lost against a save isn't put in its place later. */
static void
test_conflict (Bench *bench, gconstpointer unused)
{
  g_autoptr (GBytes) text = make_bytes ("a: 3\n");
  g_autoptr (GBytes) attachment = make_bytes ("3");
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;
  GBytes *stamp = NULL;

  if (!check_supported (bench))
    return;

  bench_open (bench, FALSE);
  g_assert_false (put (bench, "a: 1\n", "1"));
  g_assert_true (put (bench, "a: 2\n", "2"));
  bench_write (bench, "c.yaml", "a: 9\n");
  g_assert_false (runconf_store_replace (bench->store, text, bench->stamp, attachment, NULL, NULL,
                                         &stamp, &error));
  g_assert_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_CONFLICT);
  g_clear_error (&error);
  bench_close (bench);

  bench_open (bench, FALSE);
  entries = runconf_store_recover (bench->store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 1);
  bench_assert_text (bench, "a: 9\n");
}

#define ADD(path, function) g_test_add (path, Bench, NULL, bench_make, function, bench_remove)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  ADD ("/journal/entries", test_entries);
  ADD ("/journal/lost-sectors", test_lost_sectors);
  ADD ("/journal/foreign", test_foreign);
  ADD ("/journal/deferred", test_deferred);
  ADD ("/journal/names", test_names);
  ADD ("/journal/room", test_room);
  ADD ("/journal/growth", test_growth);
  ADD ("/journal/conflict", test_conflict);
  for (gsize i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      g_autofree char *path = g_strconcat ("/journal/cut/", cuts[i].name, NULL);

      g_test_add (path, Bench, &cuts[i], make_cut, test_cut, bench_remove);
    }

  return g_test_run ();
}
