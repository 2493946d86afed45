/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "support.h"

/* Threads read while values are set and arenas are handed over. Both numbers are always set
 * together, and only grow.
 */
#define N_READERS 4
#define N_CHANGES 120

typedef struct
{
  RunconfConfiguration *config;
  RunconfKey *key;
  int is_over; /* atomic */
  guint64 n_reads;
} Race;

static gint64
read_by_path (Race *race)
{
  return runconf_configuration_get_int64 (race->config, "/a/number", -1);
}

static gint64
read_by_key (Race *race)
{
  return runconf_key_get_int64 (race->key, -1);
}

static gint64
read_string (Race *race)
{
  g_autofree char *text = runconf_configuration_get_string (race->config, "/text", "-1");

  return g_ascii_strtoll (text, NULL, 10);
}

static gint64
read_snapshot (Race *race)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (race->config);
  gint64 a = runconf_snapshot_get_int64 (snapshot, "/a/number", -1);

  g_assert_cmpint (runconf_snapshot_get_int64 (snapshot, "/b/number", -2), ==, a);

  return a;
}

static gint64
read_value (Race *race)
{
  g_autoptr (GVariant) value = runconf_configuration_get_value (race->config, "/a");
  gint64 number;

  g_assert_true (g_variant_lookup (value, "number", "x", &number));

  return number;
}

static gpointer
read_on (gpointer data)
{
  gint64 (*const ways[]) (Race *)
      = { read_by_path, read_by_key, read_string, read_snapshot, read_value };
  Race *race = data;
  gint64 last = 0;

  for (guint64 i = 0; !__atomic_load_n (&race->is_over, __ATOMIC_RELAXED); i++)
    {
      gint64 value = ways[i % G_N_ELEMENTS (ways)](race);

      g_assert_cmpint (value, >=, last);
      last = value;
      __atomic_add_fetch (&race->n_reads, 1, __ATOMIC_RELAXED);
    }

  return NULL;
}

static void
change (World *world, guint number)
{
  g_autofree char *filler = g_strnfill (40000 + number, 'x');
  g_autofree char *text
      = g_strdup_printf ("{a: {number: %u}, b: {number: %u}, text: \"%u\", filler: %s}", number,
                         number, number, filler);
  g_autoptr (GVariant) reply
      = world_call (world, "MergeText", g_variant_new ("(sa{sv})", text, NULL));
}

static void
test_race (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = world_open (world);
  g_autoptr (RunconfWatch) watch = runconf_configuration_watch (config, "/a", NULL);
  g_autoptr (RunconfKey) key = NULL;
  GThread *threads[N_READERS];
  Race race = { config, NULL, FALSE, 0 };
  Ears ears;

  change (world, 1);
  key = runconf_key_new (config, "/a/number", NULL);
  race.key = key;
  ears_open (&ears, watch);
  ears_wait (&ears, 1);
  for (guint i = 0; i < N_READERS; i++)
    threads[i] = g_thread_new ("reader", read_on, &race);

  for (guint i = 2; i <= N_CHANGES; i++)
    {
      change (world, i);
      if (i % 40 == 0)
        {
          world_kill_service (world);
          world_start_service (world);
        }
    }
  world_wait_until (read_by_key (&race) == N_CHANGES);

  __atomic_store_n (&race.is_over, TRUE, __ATOMIC_RELAXED);
  for (guint i = 0; i < N_READERS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (race.n_reads, >, N_CHANGES);
  g_test_message ("%" G_GUINT64_FORMAT " reads", race.n_reads);
  ears_close (&ears);
}

static gpointer
come_and_go (gpointer data)
{
  World *world = data;
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (RunconfConfiguration) config = world_open (world);
      g_autoptr (RunconfWatch) watch = runconf_configuration_watch (config, "/a", NULL);

      g_assert_cmpint (runconf_configuration_get_int64 (config, "/chat/websocket/port", 0), ==,
                       8000);
      g_main_context_iteration (context, FALSE);
    }
  g_main_context_pop_thread_default (context);

  return NULL;
}

/* Threads create and free configurations and watches while changes are reported. */
static void
test_objects (World *world, gconstpointer unused)
{
  GThread *threads[N_READERS];

  for (guint i = 0; i < N_READERS; i++)
    threads[i] = g_thread_new ("opener", come_and_go, world);
  for (guint i = 1; i <= 30; i++)
    change (world, i);
  for (guint i = 0; i < N_READERS; i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  g_test_add ("/threads/race", World, NULL, world_set_up, test_race, world_tear_down);
  g_test_add ("/threads/objects", World, NULL, world_set_up, test_objects, world_tear_down);

  return g_test_run ();
}
