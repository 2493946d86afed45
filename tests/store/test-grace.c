/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "store/file/grace.h"
#include "support.h"

/* How long a replaced file is looked after, with a clock of the test. */

#define MINUTE (60 * (gint64) G_USEC_PER_SEC)

static gint64 now = 1000 * MINUTE;

/* This definition replaces that of GLib in the code of this program. */
gint64
g_get_monotonic_time (void)
{
  return now;
}

typedef struct
{
  Bench bench;
  RunconfGrace *grace;
  int writer;
  guint n_late;
  char *text;
} Old;

static void
on_late (GBytes *text, GBytes *base, gpointer data)
{
  Old *old = data;

  g_free (old->text);
  old->text = g_strndup (g_bytes_get_data (text, NULL), g_bytes_get_size (text));
  old->n_late++;
}

/* A program has the file `old` open, whose text was replaced. */
static void
set_up (Old *old, gconstpointer unused)
{
  g_autoptr (GBytes) text = g_bytes_new_static ("a: 1\n", 5);
  g_autofree char *path = NULL;
  RunconfSignature signature;
  struct stat status;
  int directory, fd;

  bench_make (&old->bench, NULL);
  bench_write (&old->bench, "old", "a: 1\n");
  path = bench_path (&old->bench, "old");
  old->writer = g_open (path, O_WRONLY | O_CLOEXEC, 0);
  fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  directory = g_open (old->bench.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  g_assert_no_errno (fstat (fd, &status));
  runconf_signature_init (&signature, &status);

  old->grace = runconf_grace_new (old->bench.path, on_late, old);
  runconf_grace_add (old->grace, directory, "old", fd, text, &signature);
  g_close (directory, NULL);
}

static void
tear_down (Old *old, gconstpointer unused)
{
  runconf_grace_end (old->grace);
  runconf_grace_free (old->grace);
  g_free (old->text);
  bench_remove (&old->bench, NULL);
}

static void
write_number (Old *old, guint number)
{
  g_autofree char *text = g_strdup_printf ("a: %03u\n", number);

  g_assert_cmpint (pwrite (old->writer, text, strlen (text), 0), ==, strlen (text));
}

/* Passes this time, and lets the grace look once. */
static void
look_after (gint64 us)
{
  now += us;
  g_main_context_iteration (NULL, TRUE);
}

/* A file that a program writes all the time is kept for ten minutes. Its last text counts. */
static void
test_written_all_the_time (Old *old, gconstpointer unused)
{
  for (guint i = 0; i < 10; i++)
    {
      write_number (old, i);
      look_after (i == 0 ? G_USEC_PER_SEC : MINUTE);
      g_assert_cmpuint (old->n_late, ==, 0);
      g_assert_cmpuint (bench_count (&old->bench, "old"), ==, 1);
    }

  write_number (old, 10);
  look_after (MINUTE);
  g_assert_cmpuint (old->n_late, ==, 1);
  g_assert_cmpstr (old->text, ==, "a: 010\n");
  g_assert_cmpuint (bench_count (&old->bench, "old"), ==, 0);
  g_close (old->writer, NULL);
}

/* A text counts when the file was quiet for ten seconds. The file is kept, since it is still open. */
static void
test_quiet (Old *old, gconstpointer unused)
{
  write_number (old, 1);
  look_after (G_USEC_PER_SEC);
  look_after (9 * G_USEC_PER_SEC);
  g_assert_cmpuint (old->n_late, ==, 0);
  look_after (G_USEC_PER_SEC);
  g_assert_cmpuint (old->n_late, ==, 1);
  g_assert_cmpstr (old->text, ==, "a: 001\n");

  write_number (old, 2);
  look_after (G_USEC_PER_SEC);
  g_assert_cmpuint (old->n_late, ==, 1);
  g_close (old->writer, NULL);
  look_after (G_USEC_PER_SEC);
  g_assert_cmpuint (old->n_late, ==, 2);
  g_assert_cmpstr (old->text, ==, "a: 002\n");
  g_assert_cmpuint (bench_count (&old->bench, "old"), ==, 0);
}

/* A file that no program has open is kept for a second. */
static void
test_closed (Old *old, gconstpointer unused)
{
  g_close (old->writer, NULL);
  look_after (G_USEC_PER_SEC - 1);
  g_assert_cmpuint (bench_count (&old->bench, "old"), ==, 1);
  look_after (1);
  g_assert_cmpuint (old->n_late, ==, 0);
  g_assert_cmpuint (bench_count (&old->bench, "old"), ==, 0);
}

#define add(name, func) g_test_add ("/store/grace/" name, Old, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("written-all-the-time", test_written_all_the_time);
  add ("quiet", test_quiet);
  add ("closed", test_closed);

  return g_test_run ();
}
