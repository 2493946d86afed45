/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "support.h"

#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <glib/gstdio.h>

/* in µs: nearly all waits end within milliseconds */
#define MAX_WAIT (20 * G_USEC_PER_SEC)

static char *last_message;

static void
run_script (const char *directory, const char *script)
{
  const char *argv[] = { "sh", "-ec", script, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (directory, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
}

/* @setup is a script, or NULL for a file with `a: 1`. */
void
bench_make (Bench *bench, gconstpointer setup)
{
  g_autoptr (GError) error = NULL;

  bench->directory = g_dir_make_tmp ("runconf-store-XXXXXX", &error);
  g_assert_no_error (error);
  bench->path = g_build_filename (bench->directory, "c.yaml", NULL);
  run_script (bench->directory, setup != NULL ? setup : "printf 'a: 1\\n' > c.yaml");
}

static void
on_changed (Bench *bench)
{
  bench->n_changed++;
}

static char *
copy_text (GBytes *text)
{
  return g_strndup (g_bytes_get_data (text, NULL), g_bytes_get_size (text));
}

static void
on_late (Bench *bench, GBytes *text, GBytes *base)
{
  g_free (bench->late);
  g_free (bench->late_base);
  bench->late = copy_text (text);
  bench->late_base = copy_text (base);
}

void
bench_open (Bench *bench, gboolean watch)
{
  g_autoptr (GError) error = NULL;

  bench->store = runconf_store_new (bench->path, watch, &error);
  g_assert_no_error (error);
  g_signal_connect_swapped (bench->store, "changed", G_CALLBACK (on_changed), bench);
  g_signal_connect_swapped (bench->store, "late", G_CALLBACK (on_late), bench);
  bench_load (bench);
}

/* A comparison that is running keeps a reference to the store for a while. */
void
bench_close (Bench *bench)
{
  if (bench->store == NULL)
    return;

  g_object_add_weak_pointer (G_OBJECT (bench->store), (gpointer *) &bench->store);
  g_signal_handlers_disconnect_by_data (bench->store, bench);
  g_object_unref (bench->store);
  while (bench->store != NULL)
    g_main_context_iteration (NULL, TRUE);
}

void
bench_remove (Bench *bench, gconstpointer unused)
{
  g_autofree char *script
      = g_strdup_printf ("chmod -R u+rwX '%s'; rm -rf '%s'", bench->directory, bench->directory);

  bench_close (bench);
  run_script ("/", script);
  g_clear_pointer (&bench->text, g_bytes_unref);
  g_clear_pointer (&bench->stamp, g_bytes_unref);
  g_free (bench->path);
  g_free (bench->directory);
  g_free (bench->late);
  g_free (bench->late_base);
}

char *
bench_path (Bench *bench, const char *name)
{
  return g_build_filename (bench->directory, name, NULL);
}

void
bench_write (Bench *bench, const char *name, const char *text)
{
  g_autofree char *path = bench_path (bench, name);
  FILE *file = fopen (path, "w");

  g_assert_nonnull (file);
  fputs (text, file);
  fclose (file);
}

char *
bench_read (Bench *bench, const char *name)
{
  g_autofree char *path = bench_path (bench, name);
  char *content = NULL;

  g_file_get_contents (path, &content, NULL, NULL);
  return content;
}

void
bench_assert_text (Bench *bench, const char *text)
{
  g_autofree char *content = bench_read (bench, "c.yaml");

  g_assert_cmpstr (content, ==, text);
}

/* Counts the files of the directory whose name matches a pattern. */
guint
bench_count (Bench *bench, const char *pattern)
{
  g_autoptr (GDir) dir = g_dir_open (bench->directory, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n += g_pattern_match_simple (pattern, name);

  return n;
}

static void
on_exited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, &error);
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

void
bench_run (Bench *bench, const char *script)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_over = FALSE;

  g_subprocess_launcher_set_cwd (launcher, bench->directory);
  process = g_subprocess_launcher_spawn (launcher, &error, "sh", "-ec", script, NULL);
  g_assert_no_error (error);
  g_subprocess_wait_check_async (process, NULL, on_exited, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
on_timeout (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

void
bench_turn (Bench *bench, guint ms)
{
  gboolean is_over = FALSE;

  g_timeout_add (ms, on_timeout, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
}

/* Waits at most @ms for this many changes, and then a little to see that there are no more. */
void
bench_wait_changed (Bench *bench, guint n_changed, guint ms)
{
  gint64 deadline = g_get_monotonic_time () + ms * 1000;

  while (bench->n_changed < n_changed && g_get_monotonic_time () < deadline)
    bench_turn (bench, 5);

  bench_turn (bench, 220);
  g_assert_cmpuint (bench->n_changed, ==, n_changed);
}

/* Waits until the file counts as unchanged. */
void
bench_wait_fresh (Bench *bench)
{
  gint64 deadline = g_get_monotonic_time () + MAX_WAIT;

  while (runconf_store_check (bench->store) != RUNCONF_FRESH && g_get_monotonic_time () < deadline)
    bench_turn (bench, 5);
  g_assert_cmpint (runconf_store_check (bench->store), ==, RUNCONF_FRESH);
}

/* Waits until a late text is reported. */
void
bench_wait_late (Bench *bench, const char *text, const char *base)
{
  gint64 deadline = g_get_monotonic_time () + MAX_WAIT;

  while (g_strcmp0 (bench->late, text) != 0 && g_get_monotonic_time () < deadline)
    bench_turn (bench, 5);
  g_assert_cmpstr (bench->late, ==, text);
  g_assert_cmpstr (bench->late_base, ==, base);
}

void
bench_load (Bench *bench)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&bench->text, g_bytes_unref);
  g_clear_pointer (&bench->stamp, g_bytes_unref);
  /* a file of another user that changed less than a second ago may still be open */
  while (!runconf_store_load (bench->store, &bench->text, &bench->stamp, &error)
         && g_error_matches (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_BUSY))
    {
      g_clear_error (&error);
      g_usleep (10 * 1000);
    }
  g_assert_no_error (error);
}

gboolean
bench_replace (Bench *bench, const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  GBytes *stamp = NULL;

  if (!runconf_store_replace (bench->store, bytes, bench->stamp, NULL, NULL, NULL, &stamp, error))
    {
      g_assert_null (stamp);
      return FALSE;
    }

  runconf_store_settle (bench->store);
  g_bytes_unref (bench->stamp);
  bench->stamp = stamp;
  return TRUE;
}

static GLogWriterOutput
catch_message (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if (level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR))
    return g_log_writer_default (level, fields, n_fields, user_data);

  for (gsize i = 0; i < n_fields; i++)
    if (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE)
        && g_str_equal (fields[i].key, "MESSAGE"))
      {
        g_free (last_message);
        last_message = g_strdup (fields[i].value);
      }

  return G_LOG_WRITER_HANDLED;
}

void
messages_catch (void)
{
  g_log_set_writer_func (catch_message, NULL, NULL);
}

const char *
messages_get_last (void)
{
  return last_message != NULL ? last_message : "";
}

gboolean
can_mount (void)
{
  return unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}
