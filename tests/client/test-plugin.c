/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>

#include "support.h"

/* A program that loads the library with dlopen(), as a host of plug-ins does. */

typedef RunconfConfiguration *(*Open) (GDBusConnection *, const char *, GVariant *,
                                       RunconfOpenFlags, GCancellable *, GError **);
typedef gint64 (*GetInt64) (RunconfConfiguration *, const char *, gint64);

static gpointer
load (void)
{
  gpointer library = dlopen (g_getenv ("RUNCONF_LIBRARY"), RTLD_NOW | RTLD_LOCAL);

  if (library == NULL)
    g_error ("%s", dlerror ());

  return library;
}

static RunconfConfiguration *
open_with (gpointer library, World *world)
{
  Open open = (Open) dlsym (library, "runconf_configuration_new_for_connection_sync");
  g_autoptr (GError) error = NULL;
  RunconfConfiguration *configuration
      = open (world->connection, "default", NULL, RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);

  g_assert_no_error (error);

  return configuration;
}

static gint64
get_port (gpointer library, RunconfConfiguration *configuration)
{
  GetInt64 get = (GetInt64) dlsym (library, "runconf_configuration_get_int64");

  return get (configuration, "/chat/websocket/port", -1);
}

/* The paths are a matter of other tests. */
void
ears_note (GObject *object, RunconfChange *change, Ears *ears)
{
  g_ptr_array_add (ears->told, g_strdup (""));
}

/* The signal shows that the thread of the library has done all that was asked of it before. */
static void
assert_works (gpointer library, World *world, gint64 port)
{
  RunconfConfiguration *configuration = open_with (library, world);
  Ears ears;

  ears_open (&ears, configuration);
  world_put (world, "/chat/websocket/port", g_variant_new_int64 (port));
  ears_wait (&ears, 1);
  g_assert_cmpint (get_port (library, configuration), ==, port);
  ears_close (&ears);
  g_object_unref (configuration);
}

/* The types stay registered, so a library that is loaded again has to be the same one. */
static void
test_loaded_again (World *world, gconstpointer unused)
{
  for (gint64 round = 1; round <= 3; round++)
    {
      gpointer library = load ();

      assert_works (library, world, round);
      g_assert_cmpint (dlclose (library), ==, 0);
    }
}

/* The thread of the library still has to remove its match rules. */
static void
test_closed_at_once (World *world, gconstpointer unused)
{
  gpointer library = load ();

  g_object_unref (open_with (library, world));
  g_assert_cmpint (dlclose (library), ==, 0);

  library = load ();
  assert_works (library, world, 1);
  g_assert_cmpint (dlclose (library), ==, 0);
}

/* The configuration stays usable for the plug-in that still has it. */
static void
test_closed_in_use (World *world, gconstpointer unused)
{
  gpointer library = load ();
  RunconfConfiguration *configuration = open_with (library, world);
  Ears ears;

  ears_open (&ears, configuration);
  g_assert_cmpint (dlclose (library), ==, 0);
  world_put (world, "/chat/websocket/port", g_variant_new_int64 (1));
  ears_wait (&ears, 1);
  ears_close (&ears);
  g_object_unref (configuration);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/plugin/" name, World, NULL, world_set_up, function, world_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("loaded-again", test_loaded_again);
  ADD ("closed-at-once", test_closed_at_once);
  ADD ("closed-in-use", test_closed_in_use);

  return g_test_run ();
}
