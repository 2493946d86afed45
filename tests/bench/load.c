/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/document.h"

#include <stdlib.h>
#include <yaml.h>

#include "common.h"

/* What libyaml alone needs for the same bytes: the floor under any reader that is built on it. */
static void
parse_events (GBytes *text)
{
  yaml_parser_t parser;
  gboolean done = FALSE;
  gsize size;
  const unsigned char *data = g_bytes_get_data (text, &size);

  if (!yaml_parser_initialize (&parser))
    exit (EXIT_FAILURE);
  yaml_parser_set_input_string (&parser, data, size);
  while (!done)
    {
      yaml_event_t event;

      if (!yaml_parser_parse (&parser, &event))
        {
          g_printerr ("libyaml: %s\n", parser.problem);
          exit (EXIT_FAILURE);
        }
      done = event.type == YAML_STREAM_END_EVENT;
      yaml_event_delete (&event);
    }
  yaml_parser_delete (&parser);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = NULL;
  BenchSamples events, document;
  char *contents;
  gsize length;
  guint rounds;

  if (argc != 3)
    {
      g_printerr ("usage: bench-load FILE ROUNDS\n");
      return EXIT_FAILURE;
    }
  g_file_get_contents (argv[1], &contents, &length, &error);
  bench_check (error, argv[1]);
  text = g_bytes_new_take (contents, length);
  rounds = bench_parse_count (argv[2]);

  bench_samples_init (&events, "events");
  bench_samples_init (&document, "document");
  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (RunconfDocument) loaded = NULL;
      gint64 start = bench_now ();

      parse_events (text);
      bench_samples_add (&events, bench_now () - start);

      start = bench_now ();
      loaded = runconf_document_new (text, argv[1], &error);
      bench_samples_add (&document, bench_now () - start);
      bench_check (error, "runconf_document_new");
    }
  bench_samples_finish (&events);
  bench_samples_finish (&document);
  return EXIT_SUCCESS;
}
