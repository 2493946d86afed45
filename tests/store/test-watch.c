/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "faults.h"
#include "store/timing.h"
#include "store/watch/watcher.h"
#include "support.h"

/* in ms: the limit for reporting a change that has an event */
#define SOON 1000

#define N_NOISE 100000

static gboolean mounts;

/* One method of saving `a: 2`, for which one change is reported. If an edit in parts takes longer than
 * its limit, in ms, one of its pauses may have been longer than the quiet time, and each part a change.
 */
typedef struct
{
  const char *name;
  const char *setup;
  const char *edit;
  gint64 limit;
} Way;

static const Way ways[] = {
  { "in-place", NULL, "echo 'a: 2' > c.yaml" },
  { "append", ": > c.yaml", "echo 'a: 2' >> c.yaml" },
  { "cp", NULL, "echo 'a: 2' > new; cp new c.yaml" },
  { "mv", NULL, "echo 'a: 2' > new; mv new c.yaml" },
  { "mv-from-elsewhere", "mkdir d; echo 'a: 1' > c.yaml", "echo 'a: 2' > d/new; mv d/new c.yaml" },
  { "ln-f", NULL, "echo 'a: 2' > new; ln -f new c.yaml; rm new" },
  { "sed-i", NULL, "sed -i s/1/2/ c.yaml" },
  { "vim", NULL,
    ": > 4913; rm 4913; mv c.yaml c.yaml~; echo 'a: 2' > c.yaml; chmod 644 c.yaml; rm c.yaml~" },
  { "delete-and-create", NULL, "rm c.yaml; sleep 0.3; echo 'a: 2' > c.yaml" },
  { "truncate-and-write", NULL, ": > c.yaml; sleep 0.3; echo 'a: 2' >> c.yaml" },
  { "install", NULL, "echo 'a: 2' > new; install new c.yaml" },
  { "create", "true", "echo 'a: 2' > c.yaml" },
  { "half-by-half", NULL, "printf 'a:' > c.yaml; sleep 0.06; echo ' 2' >> c.yaml", 100 },
  { "many-small-writes", NULL,
    ": > c.yaml; for i in 1 2 3 4 5; do printf '#\\n' >> c.yaml; sleep 0.04; done;"
    "echo 'a: 2' > c.yaml",
    260 },
  { "data-swap",
    "mkdir ..v1; echo 'a: 1' > ..v1/c.yaml; ln -s ..v1 ..data; ln -s ..data/c.yaml c.yaml",
    "mkdir ..v2; echo 'a: 2' > ..v2/c.yaml; ln -s ..v2 ..new; mv -T ..new ..data; rm -r ..v1" },
  { "link-target-edited", "mkdir t; echo 'a: 1' > t/c.yaml; ln -s t/c.yaml c.yaml",
    "echo 'a: 2' > t/c.yaml" },
  { "link-target-replaced", "mkdir t; echo 'a: 1' > t/c.yaml; ln -s t/c.yaml c.yaml",
    "sed -i s/1/2/ t/c.yaml" },
  { "link-turned", "echo 'a: 1' > one; echo 'a: 2' > two; ln -s one c.yaml",
    "ln -s two new; mv -T new c.yaml" },
  { "link-became-file", "echo 'a: 1' > one; ln -s one c.yaml", "rm c.yaml; echo 'a: 2' > c.yaml" },
};

static void
assert_saved (Bench *bench)
{
  bench_wait_changed (bench, 1, SOON);
  bench_load (bench);
  g_assert_cmpmem (g_bytes_get_data (bench->text, NULL), g_bytes_get_size (bench->text), "a: 2\n",
                   5);
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_FRESH);
}

/* Counts all parts as one change. */
static void
wait_for_last_part (Bench *bench)
{
  bench_turn (bench, 2 * RUNCONF_TIMING_QUIET_US / 1000);
  g_assert_cmpuint (bench->n_changed, >=, 1);
  bench->n_changed = 1;
}

static void
make_way (Bench *bench, gconstpointer data)
{
  bench_make (bench, ((const Way *) data)->setup);
}

/* After the first save, the same watches must see a second one. */
static void
test_way (Bench *bench, gconstpointer data)
{
  const Way *way = data;
  gint64 start;

  bench_open (bench, TRUE);
  bench_turn (bench, 150);
  start = g_get_monotonic_time ();
  bench_run (bench, way->edit);
  if (way->limit > 0 && g_get_monotonic_time () - start >= way->limit * 1000)
    wait_for_last_part (bench);
  assert_saved (bench);

  bench_write (bench, "c.yaml", "a: 3\n");
  bench_wait_changed (bench, 2, SOON);
}

static void
test_directory_removed (Bench *bench, gconstpointer data)
{
  g_free (bench->path);
  bench->path = bench_path (bench, "d/e/c.yaml");
  bench_open (bench, TRUE);

  bench_run (bench, "rm -r d");
  bench_wait_changed (bench, 1, 2 * SOON);
  bench_load (bench);
  g_assert_null (bench->text);
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_FRESH);

  bench_run (bench, "mkdir d; sleep 0.2; mkdir d/e; sleep 0.2; echo 'a: 2' > d/e/c.yaml");
  bench_wait_changed (bench, 2, SOON);
  bench_load (bench);
  bench_run (bench, "mv d/e d/old; cp -r d/old d/new; echo 'a: 3' > d/new/c.yaml; mv d/new d/e");
  bench_wait_changed (bench, 3, SOON);
  bench_load (bench);
  bench_run (bench, "echo 'a: 4' > d/e/c.yaml");
  bench_wait_changed (bench, 4, SOON);
}

/* Each of them puts another folder at a place above the file, in the same or in another way. */
static const char *const parent_edits[] = {
  "mv d old; mkdir -p d/e/f; echo 'a: 02' > d/e/f/c.yaml",
  "mv d old2; mkdir -p d/e/f; echo 'a: 003' > d/e/f/c.yaml",
  "mv d away",
  "mv away d",
  "mv d away",
  "mv away d",
  "mv d/e d/old; cp -r d/old d/new; echo 'a: 00004' > d/new/f/c.yaml; mv d/new d/e",
  "mv d/e d/old2; cp -r d/old2 d/new; echo 'a: 000005' > d/new/f/c.yaml; mv d/new d/e",
  "cp -r d new; echo 'a: 0000006' > new/e/f/c.yaml; mv d old3; mv new d",
};

static void
follow_parents (Bench *bench)
{
  bench_open (bench, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (parent_edits); i++)
    {
      bench_turn (bench, 150);
      bench_run (bench, parent_edits[i]);
      /* a file that is missing counts as removed once it was missing for a while */
      bench_wait_changed (bench, i + 1, 2 * SOON);
      bench_load (bench);
    }

  bench_write (bench, "d/e/f/c.yaml", "a: 7\n");
  bench_wait_changed (bench, G_N_ELEMENTS (parent_edits) + 1, SOON);
}

static void
test_parents (Bench *bench, gconstpointer data)
{
  g_free (bench->path);
  bench->path = bench_path (bench, "d/e/f/c.yaml");
  follow_parents (bench);
}

static void
test_parents_of_link (Bench *bench, gconstpointer data)
{
  bench_run (bench, "ln -s d/e/f/c.yaml c.yaml");
  follow_parents (bench);
}

/* More events than the kernel queues, followed by the real one. A tmpfs only makes it faster. */
static void
test_overflow (Bench *bench, gconstpointer data)
{
  int directory;

  if (mounts)
    g_assert_no_errno (mount ("none", bench->directory, "tmpfs", 0, NULL));
  bench_write (bench, "c.yaml", "a: 1\n");
  directory = open (bench->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  bench_open (bench, TRUE);
  for (guint i = 0; i < N_NOISE; i++)
    {
      char name[16];

      g_snprintf (name, sizeof name, "noise-%u", i);
      close (openat (directory, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    }
  close (directory);
  bench_write (bench, "c.yaml", "a: 2\n");
  assert_saved (bench);

  /* and none of them is a change */
  bench_write (bench, "noise-0", "more");
  bench_wait_changed (bench, 1, 0);

  bench_close (bench);
  if (mounts)
    g_assert_no_errno (umount (bench->directory));
}

static void
test_no_change (Bench *bench, gconstpointer data)
{
  bench_open (bench, TRUE);
  bench_run (bench,
             "touch c.yaml; chmod 600 c.yaml; echo 'a: 1' > c.yaml; cp c.yaml n; mv n c.yaml");
  bench_wait_changed (bench, 0, 0);
  bench_wait_fresh (bench);

  /* nor are the store's own writes */
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *text = g_strdup_printf ("b: %u\n", i);

      g_assert_true (bench_replace (bench, text, NULL));
      g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_FRESH);
      bench_turn (bench, 7 * (i % 3));
    }
  bench_wait_changed (bench, 0, 0);
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_FRESH);
}

/* A removal is reported, although nothing is left to read. */
static void
test_gone (Bench *bench, gconstpointer data)
{
  bench_open (bench, TRUE);
  g_unlink (bench->path);
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_BUSY);
  bench_wait_changed (bench, 1, 2 * SOON);
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_STALE);
  bench_load (bench);
  g_assert_null (bench->text);
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_FRESH);
}

static void
test_unreadable_once (Bench *bench, gconstpointer data)
{
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GBytes) stamp = NULL;

  bench_open (bench, TRUE);
  bench_run (bench, "rm c.yaml; mkdir c.yaml");
  bench_wait_changed (bench, 1, SOON);
  g_assert_false (runconf_store_load (bench->store, &text, &stamp, NULL));
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_FRESH);
  bench_run (bench, "touch c.yaml");
  bench_wait_changed (bench, 1, 0);
  bench_run (bench, "rmdir c.yaml; echo 'a: 1' > c.yaml");
  bench_wait_changed (bench, 2, SOON);
}

static void
test_check (Bench *bench, gconstpointer data)
{
  bench_open (bench, TRUE);
  g_usleep (150 * 1000);
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_FRESH);

  /* the main loop doesn't run: only the check finds this */
  bench_write (bench, "c.yaml", "a: 2\n");
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_BUSY);
  g_usleep (150 * 1000);
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_STALE);
  bench_load (bench);
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_FRESH);

  /* a text that was loaded already is no change any more */
  bench_wait_changed (bench, 0, 0);
}

/* Returns: the number of bytes that this process has read from files */
static guint64
count_read (void)
{
  static const char label[] = "rchar: ";
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/io", &text, NULL, NULL));
  g_assert_true (g_str_has_prefix (text, label));

  return g_ascii_strtoull (text + strlen (label), NULL, 10);
}

/* The text that a comparison read is the one that is loaded. It is read once more after it was
 * replaced, since only that shows which text was replaced.
 */
static void
test_one_read (Bench *bench, gconstpointer data)
{
  const gsize size = 4 * 1024 * 1024;
  g_autofree char *text = g_strnfill (size, '#');
  guint64 before;

  bench_open (bench, TRUE);
  before = count_read ();
  bench_write (bench, "c.yaml", text);
  bench_wait_changed (bench, 1, SOON);
  bench_load (bench);
  g_assert_cmpuint (g_bytes_get_size (bench->text), ==, size);
  g_assert_cmpuint (count_read () - before, <, size + size / 2);

  before = count_read ();
  g_assert_true (bench_replace (bench, "a: 2\n", NULL));
  g_assert_cmpuint (count_read () - before, <, size + size / 2);
}

static void
write_over (Bench *bench, gsize at, const char *text)
{
  int fd = open (bench->path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (pwrite (fd, text, strlen (text), at), ==, strlen (text));
  close (fd);
}

/* A text that changes between the comparison and the load is read again; one that changes after the
 * load isn't replaced, even if its size stays.
 */
static void
test_changed_since (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  bench_open (bench, TRUE);
  bench_write (bench, "c.yaml", "a: 2\n");
  bench_wait_changed (bench, 1, SOON);
  write_over (bench, 3, "3");
  bench_load (bench);
  g_assert_cmpmem (g_bytes_get_data (bench->text, NULL), g_bytes_get_size (bench->text), "a: 3\n",
                   5);

  write_over (bench, 3, "4");
  g_assert_false (bench_replace (bench, "a: 5\n", &error));
  g_assert_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_CONFLICT);
  bench_assert_text (bench, "a: 4\n");
}

static void
test_no_watch (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  bench_write (bench, "c.yaml", "a: 2\n");
  bench_wait_changed (bench, 0, 0);
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_FRESH);
}

static void
count_one (guint *n)
{
  (*n)++;
}

static void
test_many (Bench *bench, gconstpointer data)
{
  g_autoptr (GPtrArray) watchers = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = 0;

  faults_reset ();
  for (guint i = 0; i < 1000; i++)
    {
      RunconfWatcher *watcher = runconf_watcher_new (bench->path, TRUE);

      g_signal_connect_swapped (watcher, "changed", G_CALLBACK (count_one), &n);
      g_ptr_array_add (watchers, watcher);
    }
  g_assert_cmpuint (faults_count (CALL_INOTIFY_INIT), ==, 1);

  bench_write (bench, "c.yaml", "a: 2\n");
  bench_turn (bench, 500);
  g_assert_cmpuint (n, ==, 1000);
}

/* Returns: the number of watches that the kernel has for this process */
static guint
count_kernel_watches (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fdinfo", 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fdinfo", name, NULL);
      g_autofree char *text = NULL;
      g_auto (GStrv) parts = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      parts = g_strsplit (text, "inotify wd:", -1);
      n += g_strv_length (parts) - 1;
    }

  return n;
}

/* However many folders there are, the ones above them are watched once. */
static void
test_shared_parents (Bench *bench, gconstpointer data)
{
  g_autoptr (GPtrArray) watchers = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (GStrv) above = g_strsplit (bench->directory, G_DIR_SEPARATOR_S, -1);
  /* the first part is empty, and the folders `d` and `d/e` come after the last one */
  guint n_above = g_strv_length (above) - 1 + 2;
  guint n = 0;

  for (guint i = 1; i <= 200; i++)
    {
      g_autofree char *name = g_strdup_printf ("d/e/%u/c.yaml", i);
      g_autofree char *path = bench_path (bench, name);
      RunconfWatcher *watcher = runconf_watcher_new (path, TRUE);

      g_signal_connect_swapped (watcher, "changed", G_CALLBACK (count_one), &n);
      g_ptr_array_add (watchers, watcher);
    }
  g_assert_cmpuint (count_kernel_watches (), ==, 200 + n_above);

  bench_run (bench, "cp -r d new; mv d old; mv new d");
  bench_turn (bench, SOON);
  g_assert_cmpuint (n, ==, 200);
  g_assert_cmpuint (count_kernel_watches (), ==, 200 + n_above);

  g_ptr_array_set_size (watchers, 0);
  g_assert_cmpuint (count_kernel_watches (), ==, 0);
}

static gpointer
watch_in_thread (gpointer path)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (RunconfStore) store = NULL;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GBytes) stamp = NULL;
  guint n = 0;

  g_main_context_push_thread_default (context);
  store = runconf_store_new (path, TRUE, NULL);
  g_assert_true (runconf_store_load (store, &text, &stamp, NULL));
  g_signal_connect_swapped (store, "changed", G_CALLBACK (count_one), &n);
  g_assert_true (g_file_set_contents (path, "a: 2\n", -1, NULL));
  while (n == 0)
    g_main_context_iteration (context, TRUE);
  g_clear_object (&store);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_own_context (Bench *bench, gconstpointer data)
{
  g_thread_join (g_thread_new ("watch", watch_in_thread, bench->path));
}

/* Changes in a folder: each is reported once. */
static void
test_folder (Bench *bench, gconstpointer data)
{
  static const char *const edits[] = {
    "mkdir d",
    "echo 'a: 1' > d/c.yaml",
    "echo 'a: 2' > d/c.yaml",
    "rm d/c.yaml",
    "ln -s ../elsewhere d/c.yaml",
    "rm -r d",
    "mkdir d; ls d/.",
    "echo 'a: 3' > new; mv new d/e.yaml",
  };
  g_autofree char *path = bench_path (bench, "d");
  g_autoptr (RunconfWatcher) watcher = runconf_watcher_new_folder (path, TRUE);
  guint n = 0;

  g_signal_connect_swapped (watcher, "changed", G_CALLBACK (count_one), &n);
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      bench_run (bench, edits[i]);
      for (guint turn = 0; n == i && turn < 2 * SOON / 20; turn++)
        bench_turn (bench, 20);
      g_assert_cmpuint (n, ==, i + 1);
      runconf_watcher_look (watcher);
      g_assert_cmpint (runconf_watcher_check (watcher), ==, RUNCONF_FRESH);
      bench_turn (bench, 150);
    }

  /* the files of an editor are ignored */
  bench_run (bench, "echo 1 > d/.e.yaml.swp");
  bench_turn (bench, 300);
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (edits));
}

#define add(name, setup, func)                                                                     \
  g_test_add ("/store/watch/" name, Bench, setup, bench_make, func, bench_remove)

int
main (int argc, char **argv)
{
  mounts = can_mount ();
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *path = g_strconcat ("/store/watch/ways/", ways[i].name, NULL);

      g_test_add (path, Bench, &ways[i], make_way, test_way, bench_remove);
    }

  add ("directory-removed", "mkdir -p d/e; echo 'a: 1' > d/e/c.yaml", test_directory_removed);
  add ("parents", "mkdir -p d/e/f; echo 'a: 1' > d/e/f/c.yaml", test_parents);
  add ("parents-of-link", "mkdir -p d/e/f; echo 'a: 1' > d/e/f/c.yaml", test_parents_of_link);
  add ("overflow", NULL, test_overflow);
  add ("no-change", NULL, test_no_change);
  add ("gone", NULL, test_gone);
  add ("unreadable-once", NULL, test_unreadable_once);
  add ("check", NULL, test_check);
  add ("one-read", NULL, test_one_read);
  add ("changed-since", NULL, test_changed_since);
  add ("no-watch", NULL, test_no_watch);
  add ("many", NULL, test_many);
  add ("shared-parents",
       "for i in $(seq 200); do mkdir -p d/e/$i; echo 'a: 1' > d/e/$i/c.yaml; done",
       test_shared_parents);
  add ("own-context", NULL, test_own_context);
  add ("folder", NULL, test_folder);

  return g_test_run ();
}
