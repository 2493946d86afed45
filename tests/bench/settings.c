/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#define G_SETTINGS_ENABLE_BACKEND

#include <gio/gsettingsbackend.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

/* A program that uses GSettings, with the backend that GSETTINGS_BACKEND names. */

#define N_READ 100  /* the keys that a program reads when it starts */
#define N_WIDE 1000 /* the keys of one apply */
#define READS 1000  /* a single read is shorter than a look at the clock */

extern char **environ;

static char *keys[N_WIDE];

static GSettings *
open_wide (void)
{
  for (guint i = 0; i < N_WIDE; i++)
    keys[i] = g_strdup_printf ("leaf%08u", i);

  return g_settings_new ("org.runconf.bench.wide");
}

/* GIO uses another backend without an error if it can't load one. */
static void
check_backend (void)
{
  g_autoptr (GSettingsBackend) backend = g_settings_backend_get_default ();
  const char *wanted = strcmp (g_getenv ("GSETTINGS_BACKEND"), "runconf") == 0
                           ? "RunconfSettingsBackend"
                           : "DConfSettingsBackend";

  if (strcmp (G_OBJECT_TYPE_NAME (backend), wanted) == 0)
    return;

  g_printerr ("the backend is %s, not %s\n", G_OBJECT_TYPE_NAME (backend), wanted);
  exit (EXIT_FAILURE);
}

static void
apply (GSettings *settings, int value)
{
  g_settings_delay (settings);
  for (guint i = 0; i < N_WIDE; i++)
    g_settings_set_int (settings, keys[i], value);
  g_settings_apply (settings);
  g_settings_sync ();
}

static gint64
read_all (GSettings *settings)
{
  gint64 sum = 0;

  for (guint i = 0; i < N_READ; i++)
    sum += g_settings_get_int (settings, keys[i]);

  return sum;
}

static void
measure_reads (GSettings *settings, guint rounds)
{
  BenchSamples samples;

  bench_samples_init (&samples, "get");
  for (guint round = 0; round < rounds; round++)
    {
      gint64 start = bench_now ();

      for (guint i = 0; i < READS / N_READ; i++)
        read_all (settings);
      bench_samples_add (&samples, bench_now () - start);
    }
  bench_samples_finish (&samples);
}

static void
measure_writes (GSettings *settings, guint rounds)
{
  BenchSamples set;

  bench_samples_init (&set, "set");
  for (guint round = 0; round < rounds; round++)
    {
      gint64 start = bench_now ();

      g_settings_set_int (settings, keys[0], (int) round);
      g_settings_sync ();
      bench_samples_add (&set, bench_now () - start);
    }
  bench_samples_finish (&set);
}

/* With dconf, a second object of the schema would abort the program, since GSettings refuses to be
 * told of so many keys at once.
 */
static void
measure_apply (GSettings *settings, guint rounds)
{
  BenchSamples samples;

  bench_samples_init (&samples, "apply");
  for (guint round = 0; round < rounds; round++)
    {
      gint64 start = bench_now ();

      apply (settings, (int) round + 100);
      bench_samples_add (&samples, bench_now () - start);
    }
  bench_samples_finish (&samples);
}

/* The other program: it sends the time at which it is told of each change. */
static void
on_changed (GSettings *settings, const char *key, gpointer user_data)
{
  gint64 now = bench_now ();

  g_settings_get_int (settings, key);
  if (write (GPOINTER_TO_INT (user_data), &now, sizeof now) != sizeof now)
    exit (EXIT_FAILURE);
}

static void
be_told (int out)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GSettings *settings = open_wide ();
  gint64 ready = 0;

  read_all (settings);
  g_signal_connect (settings, "changed", G_CALLBACK (on_changed), GINT_TO_POINTER (out));
  /* the match rule is on its way */
  g_usleep (300 * 1000);
  if (write (out, &ready, sizeof ready) == sizeof ready)
    g_main_loop_run (loop);
}

static gint64
receive (int in)
{
  gint64 time;

  if (read (in, &time, sizeof time) == sizeof time)
    return time;

  g_printerr ("the other program ended\n");
  exit (EXIT_FAILURE);
}

/* This must be called before the first use of GSettings. */
static void
measure_told (guint rounds)
{
  BenchSamples samples;
  GSettings *settings;
  int ends[2];
  pid_t other;

  if (pipe (ends) != 0)
    exit (EXIT_FAILURE);
  other = fork ();
  if (other == 0)
    be_told (ends[1]);

  settings = open_wide ();
  bench_samples_init (&samples, "told");
  receive (ends[0]);
  for (guint round = 0; round < rounds; round++)
    {
      gint64 start = bench_now ();

      g_settings_set_int (settings, keys[0], (int) round + 1000);
      bench_samples_add (&samples, receive (ends[0]) - start);
      g_settings_sync ();
    }
  bench_samples_finish (&samples);
  kill (other, SIGKILL);
  waitpid (other, NULL, 0);
}

static void
measure_starts (char *program, guint rounds)
{
  char *argv[] = { program, (char *) "read", (char *) "1", NULL };
  BenchSamples samples;

  bench_samples_init (&samples, "start");
  for (guint round = 0; round < rounds; round++)
    {
      gint64 start = bench_now ();
      int status = -1;
      pid_t child;

      if (posix_spawn (&child, program, NULL, NULL, argv, environ) != 0
          || waitpid (child, &status, 0) != child || status != 0)
        exit (EXIT_FAILURE);
      bench_samples_add (&samples, bench_now () - start);
    }
  bench_samples_finish (&samples);
}

/* What the program has for itself alone, in KiB. */
static void
print_private (const char *name)
{
  g_autofree char *text = NULL;
  gint64 total = 0;

  if (!g_file_get_contents ("/proc/self/smaps_rollup", &text, NULL, NULL))
    exit (EXIT_FAILURE);
  for (const char *line = text; line != NULL; line = strchr (line, '\n'))
    {
      line += *line == '\n';
      if (g_str_has_prefix (line, "Private_"))
        total += g_ascii_strtoll (strchr (line, ':') + 1, NULL, 10);
      if (*line == '\0')
        break;
    }
  g_print ("%s %" G_GINT64_FORMAT "\n", name, total);
}

/* A desktop has many programs that use the backend. Without another one, the code of the module and
 * its libraries would count as memory of this program.
 */
static void
measure_memory (char *program)
{
  char *argv[] = { program, (char *) "hold", (char *) "1", NULL };
  pid_t other;

  /* connections are made in the background */
  g_usleep (1000 * 1000);
  print_private ("alone");
  if (posix_spawn (&other, program, NULL, NULL, argv, environ) != 0)
    exit (EXIT_FAILURE);
  g_usleep (1000 * 1000);
  print_private ("memory");
  kill (other, SIGKILL);
  waitpid (other, NULL, 0);
}

static void
run (const char *what, char *program, guint rounds)
{
  GSettings *settings;

  if (strcmp (what, "start") == 0)
    {
      measure_starts (program, rounds);
      return;
    }
  if (strcmp (what, "told") == 0)
    {
      measure_told (rounds);
      return;
    }

  settings = open_wide ();
  if (strcmp (what, "fill") == 0)
    apply (settings, 1);
  else if (strcmp (what, "get") == 0)
    measure_reads (settings, rounds);
  else if (strcmp (what, "set") == 0)
    measure_writes (settings, rounds);
  else if (strcmp (what, "apply") == 0)
    measure_apply (settings, rounds);

  /* each leaf has a value that isn't the default of the schema */
  if (read_all (settings) < N_READ)
    exit (EXIT_FAILURE);
  if (strcmp (what, "memory") == 0)
    measure_memory (program);
  else if (strcmp (what, "hold") == 0)
    pause ();
}

int
main (int argc, char **argv)
{
  if (argc != 3)
    {
      g_printerr ("usage: bench-settings fill|get|set|apply|told|start|memory|hold ROUNDS\n");
      return EXIT_FAILURE;
    }

  run (argv[1], argv[0], bench_parse_count (argv[2]));
  if (strcmp (argv[1], "start") != 0)
    check_backend ();

  return EXIT_SUCCESS;
}
