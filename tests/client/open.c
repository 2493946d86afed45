/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "support.h"

/* These functions have their own file, because a test that loads the library at run time isn't linked
 * with the library.
 */
RunconfConfiguration *
world_open (World *world)
{
  g_autoptr (GError) error = NULL;
  RunconfConfiguration *configuration = runconf_configuration_new_for_connection_sync (
      world->connection, "default", NULL, RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);

  g_assert_no_error (error);

  return configuration;
}

void
ears_note (GObject *object, RunconfChange *change, Ears *ears)
{
  g_ptr_array_add (ears->told, g_strjoinv (" ", (char **) runconf_change_get_paths (change)));
}

/* @expected: the locked paths, with spaces in between */
void
assert_locks (RunconfConfiguration *configuration, const char *expected)
{
  g_auto (GStrv) locks = runconf_configuration_dup_locks (configuration);
  g_autofree char *joined = g_strjoinv (" ", locks);

  g_assert_cmpstr (joined, ==, expected);
}
