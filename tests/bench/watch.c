/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>

#include "common.h"

#define PATH "/chat/websocket/port"

/* How long after the answer of a durable Set its line is read from a command that watches. */

static FILE *
open_output (GSubprocess *command)
{
  GInputStream *stream = g_subprocess_get_stdout_pipe (command);

  return fdopen (dup (g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (stream))), "r");
}

static void
read_line (FILE *output, const char *expected)
{
  char line[200];

  if (fgets (line, sizeof line, output) != NULL && g_str_equal (line, expected))
    return;

  g_printerr ("bench-watch: no line “%s”\n", expected);
  exit (EXIT_FAILURE);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GSubprocess) command = NULL;
  BenchSamples samples;
  FILE *output;
  guint rounds;

  if (argc != 3)
    {
      g_printerr ("usage: bench-watch RUNCONF ROUNDS\n");
      return EXIT_FAILURE;
    }

  rounds = bench_parse_count (argv[2]);
  bus = bench_connect (NULL);
  bench_set (bus, BENCH_PATH, PATH, 1);
  command = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, argv[1], "--session", "watch",
                              "--initial", PATH, NULL);
  bench_check (error, argv[1]);
  output = open_output (command);
  read_line (output, PATH ": 1\n");

  bench_samples_init (&samples, "watch");
  for (guint i = 0; i < rounds; i++)
    {
      g_autofree char *line = g_strdup_printf (PATH ": %u\n", i + 2);
      gint64 answered;

      bench_set (bus, BENCH_PATH, PATH, i + 2);
      answered = bench_now ();
      read_line (output, line);
      bench_samples_add (&samples, bench_now () - answered);
    }
  bench_samples_finish (&samples);

  g_subprocess_send_signal (command, SIGTERM);
  g_subprocess_wait (command, NULL, NULL);
  fclose (output);

  return EXIT_SUCCESS;
}
