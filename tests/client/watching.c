/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "watching.h"

static void
set_up (Watching *fixture, gconstpointer defaults)
{
  world_set_up (&fixture->world, defaults);
  fixture->config = world_open (&fixture->world);
}

static void
tear_down (Watching *fixture, gconstpointer unused)
{
  g_assert_finalize_object (fixture->config);
  world_tear_down (&fixture->world, NULL);
}

void
watching_put (Watching *fixture, const char *path, gint64 value)
{
  world_put (&fixture->world, path, g_variant_new_int64 (value));
}

RunconfWatch *
watching_new (Watching *fixture, const char *path)
{
  g_autoptr (GError) error = NULL;
  RunconfWatch *self = runconf_configuration_watch (fixture->config, path, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (runconf_watch_get_path (self), ==, path);

  return self;
}

void
watching_settle (Watching *fixture)
{
  static gint64 number;
  g_autoptr (RunconfWatch) self = watching_new (fixture, "/settled");
  Ears ears;

  ears_open (&ears, self);
  watching_put (fixture, "/settled", ++number);
  ears_wait (&ears, 1);
  world_turn (20);
  ears_close (&ears);
}

void
watching_assert_told (Ears *ears, guint position, const char *expected)
{
  g_assert_cmpstr (ears_wait (ears, position), ==, expected);
}

void
watching_add_tests (const WatchingTest *tests, guint n_tests)
{
  messages_catch ();

  for (guint i = 0; i < n_tests; i++)
    g_test_add (tests[i].path, Watching, NULL, set_up, tests[i].test, tear_down);
}
