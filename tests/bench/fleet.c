/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "fleet/etcd/etcd.h"
#include "fleet/etcd/watch.h"

#define BARE_KEY "/bench/value"
#define DOCUMENT_KEY "/runconf/config/app/all"
#define OBJECT "/org/runconf/Config1/app"
#define PATIENCE_S 30

/* How long a change takes from a write to the ConfigChanged of a host, in turns with a bare put to etcd and
 * its watch event. The bare events come over a connection of their own, as those of the host do.
 */

typedef struct
{
  RunconfEtcd *writer;
  RunconfEtcd *reader;
  RunconfEtcdWatch *watch;
  GDBusConnection *bus;
  gint64 bare;     /* when the last event of the bare key came, or 0 */
  gint64 document; /* the same of the document */
  gint64 signal;   /* when the last ConfigChanged came, or 0 */
} Bench;

static RunconfEtcd *
make_client (const char *endpoint)
{
  g_autoptr (RunconfEtcdSettings) settings = runconf_etcd_settings_new ();
  g_autoptr (GError) error = NULL;
  const char *endpoints[] = { endpoint, NULL };
  RunconfEtcd *client;

  settings->endpoints = g_strdupv ((char **) endpoints);
  client = runconf_etcd_new (settings, &error);
  bench_check (error, endpoint);

  return client;
}

static void
on_events (RunconfEtcdWatch *watch, GPtrArray *events, gint64 revision, Bench *self)
{
  gint64 now = bench_now ();

  for (guint i = 0; i < events->len; i++)
    {
      const RunconfEtcdEvent *event = events->pdata[i];

      if (strcmp (event->item->key, BARE_KEY) == 0)
        self->bare = now;
      else
        self->document = now;
    }
}

static void
on_signal (GDBusConnection *bus, const char *sender, const char *object, const char *interface,
           const char *signal, GVariant *arguments, gpointer user_data)
{
  Bench *self = user_data;

  self->signal = bench_now ();
}

/* Returns: the time that was waited for, when it isn't 0 any more */
static gint64
wait_for (const gint64 *time, const char *what)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_USEC_PER_SEC;

  while (*time == 0)
    {
      g_main_context_iteration (NULL, TRUE);
      if (g_get_monotonic_time () < end)
        continue;
      g_printerr ("bench-fleet: no %s\n", what);
      exit (EXIT_FAILURE);
    }

  return *time;
}

static void
on_put (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdOutcome) outcome
      = runconf_etcd_commit_finish (RUNCONF_ETCD (source), result, &error);
  gint64 *answered = user_data;

  bench_check (error, "put");
  *answered = bench_now ();
}

static void
put (Bench *self, const char *key, guint value, gint64 *answered)
{
  g_autofree char *text = g_strdup_printf ("n: %u\n", value);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();

  runconf_etcd_txn_put (txn, key, bytes, 0);
  runconf_etcd_commit_async (self->writer, txn, NULL, on_put, answered);
}

static void
measure_bare (Bench *self, guint value, BenchSamples *samples)
{
  gint64 start = bench_now (), answered = 0;

  self->bare = 0;
  put (self, BARE_KEY, value, &answered);
  bench_samples_add (samples, wait_for (&self->bare, "event of a bare put") - start);
  wait_for (&answered, "answer to a bare put");
}

/* A put of the document without a command. */
static void
measure_put (Bench *self, guint value, BenchSamples *samples)
{
  gint64 start = bench_now (), answered = 0;

  self->signal = 0;
  put (self, DOCUMENT_KEY, value, &answered);
  bench_samples_add (samples, wait_for (&self->signal, "ConfigChanged after a put") - start);
  wait_for (&answered, "answer to a put");
}

/* Without the flag, GLib copies this process to close its descriptors, which all close by themselves: that would
 * be a part of each start.
 */
static GSubprocess *
spawn (const char *const *command, const char *last)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  for (guint i = 0; command[i] != NULL; i++)
    g_strv_builder_add (builder, command[i]);
  g_strv_builder_add (builder, last);
  arguments = g_strv_builder_end (builder);
  process = g_subprocess_newv ((const char *const *) arguments,
                               G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_INHERIT_FDS,
                               &error);
  bench_check (error, command[0]);

  return process;
}

static void
end (GSubprocess *process, const char *what)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_check (process, NULL, &error);
  bench_check (error, what);
}

/* The samples are: all, up to the event of the document at an onlooker, and from there on. */
static void
measure_command (Bench *self, const char *const *command, guint value, BenchSamples samples[3])
{
  g_autofree char *text = g_strdup_printf ("%u", value);
  g_autoptr (GSubprocess) process = NULL;
  gint64 start = bench_now ();

  self->signal = 0;
  self->document = 0;
  process = spawn (command, text);
  wait_for (&self->document, "event of the document");
  wait_for (&self->signal, "ConfigChanged after the command");
  bench_samples_add (&samples[0], self->signal - start);
  bench_samples_add (&samples[1], self->document - start);
  bench_samples_add (&samples[2], self->signal - self->document);
  end (process, command[0]);
}

/* etcd's own command, up to the event of its put. */
static void
measure_peer (Bench *self, const char *endpoint, guint value, BenchSamples *samples)
{
  g_autofree char *option = g_strdup_printf ("--endpoints=%s", endpoint);
  g_autofree char *text = g_strdup_printf ("n: %u", value);
  const char *command[] = { "etcdctl", option, "put", BARE_KEY, NULL };
  g_autoptr (GSubprocess) process = NULL;
  gint64 start = bench_now ();

  self->bare = 0;
  process = spawn (command, text);
  bench_samples_add (samples, wait_for (&self->bare, "event of etcdctl put") - start);
  end (process, "etcdctl");
}

/* What the start and the end of the process take alone. */
static void
measure_floor (const char *const *command, BenchSamples *samples)
{
  const char *floor[] = { command[0], NULL };
  g_autoptr (GSubprocess) process = NULL;
  gint64 start = bench_now ();

  process = spawn (floor, "--version");
  end (process, command[0]);
  bench_samples_add (samples, bench_now () - start);
}

static void
follow (Bench *self)
{
  static const char *const keys[] = { BARE_KEY, DOCUMENT_KEY };
  gint64 answered = 0;

  self->watch = runconf_etcd_watch_new (self->reader);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    runconf_etcd_watch_add (self->watch, keys[i], NULL);
  g_signal_connect (self->watch, "events", G_CALLBACK (on_events), self);
  put (self, BARE_KEY, 0, &answered);
  wait_for (&answered, "answer to the first put");
  runconf_etcd_watch_start (self->watch, 1);
  wait_for (&self->bare, "first event");
}

/* The first rounds make connections and fill caches, and aren't counted. */
static void
measure (Bench *self, const char *endpoint, guint rounds, const char *const *command)
{
  const guint n_first = 5;
  static const char *const names[]
      = { "bare",    "put-to-signal", "set-to-signal", "set-to-event", "event-to-signal",
          "process", "etcdctl" };
  BenchSamples samples[G_N_ELEMENTS (names)];
  guint value = 1;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    bench_samples_init (&samples[i], names[i]);
  for (guint round = 0; round < n_first + rounds; round++)
    {
      measure_bare (self, value++, &samples[0]);
      measure_put (self, value++, &samples[1]);
      measure_command (self, command, value++, &samples[2]);
      measure_floor (command, &samples[5]);
      measure_peer (self, endpoint, value++, &samples[6]);
      for (guint i = 0; round < n_first && i < G_N_ELEMENTS (names); i++)
        g_array_set_size (samples[i].times, 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    bench_samples_finish (&samples[i]);
}

int
main (int argc, char **argv)
{
  Bench bench = { NULL };

  if (argc < 5)
    {
      g_printerr ("usage: bench-fleet ENDPOINT BUS ROUNDS COMMAND…\n");
      return EXIT_FAILURE;
    }

  bench.writer = make_client (argv[1]);
  bench.reader = make_client (argv[1]);
  bench.bus = bench_connect (argv[2]);
  g_dbus_connection_signal_subscribe (bench.bus, BENCH_NAME, BENCH_INTERFACE, "ConfigChanged",
                                      OBJECT, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, &bench,
                                      NULL);
  follow (&bench);
  measure (&bench, argv[1], bench_parse_count (argv[3]), (const char *const *) argv + 4);

  runconf_etcd_watch_stop (bench.watch);
  g_object_unref (bench.watch);
  g_object_unref (bench.writer);
  g_object_unref (bench.reader);
  g_object_unref (bench.bus);

  return EXIT_SUCCESS;
}
