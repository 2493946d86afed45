/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dconf.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

/* Many clients at once as applications have them: each a thread that waits for its own write. */

typedef struct
{
  guint number;
  gint64 end;
  gboolean is_dconf;
  guint64 written;
} Client;

static gpointer
run_client (gpointer data)
{
  Client *self = data;
  g_autofree char *key = g_strdup_printf ("/bench/client%02u", self->number);
  g_autoptr (DConfClient) dconf = NULL;
  g_autoptr (GDBusConnection) bus = NULL;

  if (self->is_dconf)
    dconf = dconf_client_new ();
  else
    bus = bench_connect (NULL);
  while (bench_now () < self->end)
    {
      gint64 value = g_get_monotonic_time ();
      g_autoptr (GError) error = NULL;

      if (self->is_dconf)
        dconf_client_write_sync (dconf, key, g_variant_new_int64 (value), NULL, NULL, &error);
      else
        bench_set (bus, BENCH_PATH, key, value);
      bench_check (error, "dconf_client_write_sync");
      self->written++;
    }
  return NULL;
}

int
main (int argc, char **argv)
{
  g_autofree Client *clients = NULL;
  g_autofree GThread **threads = NULL;
  guint n_clients;
  gint64 start, end;
  guint64 written = 0;

  if (argc != 4)
    {
      g_printerr ("usage: bench-threads runconf|dconf CLIENTS SECONDS\n");
      return EXIT_FAILURE;
    }
  n_clients = bench_parse_count (argv[2]);
  clients = g_new0 (Client, n_clients);
  threads = g_new0 (GThread *, n_clients);
  start = bench_now ();
  end = start + (gint64) bench_parse_count (argv[3]) * 1000000000;
  for (guint i = 0; i < n_clients; i++)
    {
      clients[i] = (Client){ .number = i, .end = end, .is_dconf = strcmp (argv[1], "dconf") == 0 };
      threads[i] = g_thread_new ("client", run_client, &clients[i]);
    }
  for (guint i = 0; i < n_clients; i++)
    {
      g_thread_join (threads[i]);
      written += clients[i].written;
    }
  g_print ("%s %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT "\n", argv[1], written,
           bench_now () - start);
  return EXIT_SUCCESS;
}
