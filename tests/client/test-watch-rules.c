/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "watching.h"

/* the limit of the bus, and the rules of a configuration without watches */
#define MAX_RULES 512
#define N_BASES 3

static gboolean
call_bus (Watching *fixture, const char *method, guint number)
{
  g_autofree char *rule = g_strdup_printf ("type='signal',member='Unused%u'", number);
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      fixture->world.connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
      "org.freedesktop.DBus", method, g_variant_new ("(s)", rule), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
      NULL, NULL);

  return reply != NULL;
}

/* Takes all match rules that the bus still allows. Returns: their number */
static guint
fill_bus (Watching *fixture)
{
  guint n = 0;

  while (call_bus (fixture, "AddMatch", n))
    n++;

  return n;
}

static void
free_bus (Watching *fixture, guint n)
{
  for (guint i = 0; i < n; i++)
    g_assert_true (call_bus (fixture, "RemoveMatch", i));
}

/* Returns: the number of match rules that the library has */
static guint
count_rules (Watching *fixture)
{
  guint n = fill_bus (fixture);

  free_bus (fixture, n);

  return MAX_RULES - n;
}

static void
note_failure (RunconfWatch *self, const GError *error, guint *n)
{
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_LIMITS_EXCEEDED);
  ++*n;
}

/* Watches of more paths than the bus allows rules: those that are left after a drop are alive. */
static void
check_many (Watching *fixture, gboolean is_same)
{
  enum
  {
    N = 560,
    N_LEFT = 20
  };
  g_autoptr (GPtrArray) watches = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree Ears *ears = g_new0 (Ears, N);
  guint n_failed = 0, n_before = messages_count ("match rule");

  for (guint i = 0; i < N; i++)
    {
      g_autofree char *path = g_strdup_printf ("/many%u/x", is_same ? 0 : i);

      g_ptr_array_add (watches, watching_new (fixture, path));
      ears_open (&ears[i], watches->pdata[i]);
      g_signal_connect (watches->pdata[i], "failed", G_CALLBACK (note_failure), &n_failed);
    }
  watching_settle (fixture);
  g_assert_cmpuint (count_rules (fixture), ==, N_BASES + 1);

  for (guint i = N_LEFT; i < N; i++)
    ears_close (&ears[i]);
  g_ptr_array_set_size (watches, N_LEFT);
  watching_settle (fixture);
  for (guint i = 0; i < (is_same ? 1 : N_LEFT); i++)
    {
      g_autofree char *path = g_strdup_printf ("/many%u/x", i);

      watching_put (fixture, path, 1);
    }
  watching_settle (fixture);
  for (guint i = 0; i < N_LEFT; i++)
    {
      watching_assert_told (&ears[i], 1, runconf_watch_get_path (watches->pdata[i]));
      g_assert_cmpuint (ears[i].told->len, ==, 1);
      ears_close (&ears[i]);
    }
  g_assert_cmpuint (n_failed, ==, 0);
  g_assert_cmpuint (messages_count ("match rule"), ==, n_before);
  g_ptr_array_set_size (watches, 0);
  watching_settle (fixture);
  g_assert_cmpuint (count_rules (fixture), ==, N_BASES);
}

static void
test_many (Watching *fixture, gconstpointer unused)
{
  check_many (fixture, FALSE);
}

static void
test_many_of_one (Watching *fixture, gconstpointer unused)
{
  check_many (fixture, TRUE);
}

/* Objects of the same configuration have the same rules, and each drops its own uses of them. */
static void
test_shared_rules (Watching *fixture, gconstpointer unused)
{
  RunconfConfiguration *second = world_open (&fixture->world);
  g_autoptr (RunconfWatch) self = watching_new (fixture, "/chat");
  RunconfWatch *other = runconf_configuration_watch (second, "/chat", NULL);
  Ears ears;

  ears_open (&ears, self);
  watching_settle (fixture);
  g_assert_cmpuint (count_rules (fixture), ==, N_BASES + 1);
  g_assert_finalize_object (other);
  g_assert_finalize_object (second);
  watching_settle (fixture);
  watching_put (fixture, "/chat/greeting", 1);
  watching_assert_told (&ears, 1, "/chat/greeting");
  g_assert_cmpuint (count_rules (fixture), ==, N_BASES + 1);
  ears_close (&ears);
}

/* A program that uses all rules itself learns that a watch is late; the watch loses no change, and its
 * end removes no rule of the program.
 */
static void
test_refused (Watching *fixture, gconstpointer unused)
{
  guint n_failed = 0, n_before = messages_count ("match rule"), n;
  g_autoptr (RunconfWatch) early = watching_new (fixture, "/chat/websocket");
  g_autoptr (RunconfWatch) self = NULL;
  Ears early_ears, ears;

  ears_open (&early_ears, early);
  g_signal_connect (early, "failed", G_CALLBACK (note_failure), &n_failed);
  watching_settle (fixture);
  n = fill_bus (fixture);
  g_assert_cmpuint (n, ==, MAX_RULES - N_BASES - 1);

  /* one rule suffices for both */
  self = watching_new (fixture, "/numbers");
  ears_open (&ears, self);
  g_signal_connect (self, "failed", G_CALLBACK (note_failure), &n_failed);
  watching_put (fixture, "/numbers/ratio", 1);
  watching_assert_told (&ears, 1, "/numbers/ratio");
  watching_put (fixture, "/chat/websocket/port", 1);
  watching_assert_told (&early_ears, 1, "/chat/websocket/port");
  g_assert_cmpuint (n_failed, ==, 0);

  /* none is left after the last watch has ended */
  ears_close (&ears);
  ears_close (&early_ears);
  g_clear_object (&self);
  g_clear_object (&early);
  while (n < MAX_RULES - N_BASES)
    n += call_bus (fixture, "AddMatch", n);
  self = watching_new (fixture, "/numbers");
  ears_open (&ears, self);
  g_signal_connect (self, "failed", G_CALLBACK (note_failure), &n_failed);
  world_wait_until (n_failed == 1);
  g_assert_cmpuint (messages_count ("match rule"), ==, n_before + 1);
  watching_put (fixture, "/numbers/ratio", 2);
  watching_put (fixture, "/numbers/negative", 2);
  world_wait_until (ears.told->len > 0);

  free_bus (fixture, n);
  world_wait_until (count_rules (fixture) == N_BASES + 1);
  g_ptr_array_set_size (ears.told, 0);
  watching_put (fixture, "/numbers/ratio", 3);
  watching_put (fixture, "/numbers/ratio", 4);
  watching_assert_told (&ears, 2, "/numbers/ratio");
  g_assert_cmpuint (n_failed, ==, 1);
  ears_close (&ears);
}

/* A program that already uses all rules can open a configuration, and gets its signals later. */
static void
test_refused_from_the_start (Watching *fixture, gconstpointer unused)
{
  RunconfConfiguration *second;
  guint n, n_before = messages_count ("match rule");

  g_assert_finalize_object (fixture->config);
  world_wait_until (count_rules (fixture) == 0);
  n = fill_bus (fixture);
  fixture->config = world_open (&fixture->world);
  world_wait_until (messages_count ("match rule") > n_before);
  free_bus (fixture, n);
  world_wait_until (count_rules (fixture) == N_BASES);
  world_stop_service (&fixture->world);
  world_wait_until (!runconf_configuration_get_connected (fixture->config));
  world_start_service (&fixture->world);
  world_wait_until (runconf_configuration_get_connected (fixture->config));

  second = world_open (&fixture->world);
  world_turn (20);
  g_assert_cmpuint (count_rules (fixture), ==, N_BASES);
  g_assert_finalize_object (second);
}

typedef struct
{
  RunconfWatch *watch;
  GHashTable *expected; /* the paths that changed since the last comparison */
  GHashTable *told;
} Modelled;

static void
modelled_free (gpointer data)
{
  Modelled *self = data;

  g_signal_handlers_disconnect_by_data (self->watch, self);
  g_object_unref (self->watch);
  g_hash_table_unref (self->expected);
  g_hash_table_unref (self->told);
  g_free (self);
}

static void
note_told (RunconfWatch *watch, RunconfChange *change, Modelled *self)
{
  const char *const *paths = runconf_change_get_paths (change);

  for (guint i = 0; paths[i] != NULL; i++)
    g_hash_table_add (self->told, g_strdup (paths[i]));
}

static char *
choose_path (gboolean is_leaf)
{
  int group = g_test_rand_int_range (0, 30);

  if (!is_leaf && g_test_rand_int_range (0, 40) == 0)
    return g_strdup ("");
  if (!is_leaf && g_test_rand_bit ())
    return g_strdup_printf ("/g%d", group);

  return g_strdup_printf ("/g%d/k%d", group, g_test_rand_int_range (0, 3));
}

static void
add_modelled (Watching *fixture, GPtrArray *all)
{
  Modelled *self = g_new0 (Modelled, 1);
  g_autofree char *path = choose_path (FALSE);

  self->watch = watching_new (fixture, path);
  self->expected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_signal_connect (self->watch, "changed", G_CALLBACK (note_told), self);
  g_ptr_array_add (all, self);
}

static void
put_modelled (Watching *fixture, GPtrArray *all)
{
  static gint64 number;
  g_autofree char *path = choose_path (TRUE);

  watching_put (fixture, path, ++number);
  for (guint i = 0; i < all->len; i++)
    {
      Modelled *self = all->pdata[i];
      const char *watched = runconf_watch_get_path (self->watch);

      if (g_str_has_prefix (path, watched) && strchr ("/", path[strlen (watched)]) != NULL)
        g_hash_table_add (self->expected, g_strdup (path));
    }
}

static gboolean
is_as_expected (GPtrArray *all)
{
  for (guint i = 0; i < all->len; i++)
    {
      Modelled *self = all->pdata[i];

      if (g_hash_table_size (self->told) < g_hash_table_size (self->expected))
        return FALSE;
    }

  return TRUE;
}

static void
compare_modelled (GPtrArray *all)
{
  for (guint i = 0; i < all->len; i++)
    {
      Modelled *self = all->pdata[i];
      GHashTableIter iter;
      gpointer path;

      g_hash_table_iter_init (&iter, self->told);
      while (g_hash_table_iter_next (&iter, &path, NULL))
        if (g_str_equal (path, "/settled"))
          g_hash_table_iter_remove (&iter);
        else
          g_assert_true (g_hash_table_contains (self->expected, path));
      g_assert_cmpuint (g_hash_table_size (self->told), ==, g_hash_table_size (self->expected));
      g_hash_table_remove_all (self->told);
      g_hash_table_remove_all (self->expected);
    }
}

/* Whatever watches are added and dropped, and also while the bus refuses rules, each watch reports
 * exactly the changes of its part.
 */
static void
test_random (Watching *fixture, gconstpointer unused)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (modelled_free);
  guint n_taken = 0;

  for (guint round = 0; round < 60; round++)
    {
      gboolean is_growing = g_test_rand_bit ();

      if (round % 10 == 3)
        n_taken = fill_bus (fixture);
      if (round % 10 == 6)
        {
          free_bus (fixture, n_taken);
          n_taken = 0;
        }

      for (guint step = 0; step < 20; step++)
        if (g_test_rand_int_range (0, 3) == 0)
          put_modelled (fixture, all);
        else if (is_growing || all->len == 0)
          add_modelled (fixture, all);
        else
          g_ptr_array_remove_index_fast (all, g_test_rand_int_range (0, all->len));

      world_wait_until (is_as_expected (all));
      if (n_taken == 0)
        watching_settle (fixture);
      compare_modelled (all);
    }
}

int
main (int argc, char *argv[])
{
  static const WatchingTest tests[] = {
    { "/watch/many", test_many },
    { "/watch/many-of-one", test_many_of_one },
    { "/watch/shared-rules", test_shared_rules },
    { "/watch/refused", test_refused },
    { "/watch/refused-from-the-start", test_refused_from_the_start },
    { "/watch/random", test_random },
  };

  g_test_init (&argc, &argv, NULL);
  watching_add_tests (tests, G_N_ELEMENTS (tests));

  return g_test_run ();
}
