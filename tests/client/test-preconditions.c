/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "every-call.h"
#include "support.h"

/* Mistakes of a program that a function notices before it does anything. */

static void
on_done (GObject *object, GAsyncResult *result, gpointer place)
{
  *(GAsyncResult **) place = g_object_ref (result);
}

/* An error that is already set would be lost, or overwritten. */
static void
test_error_is_set (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = world_open (world);
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_EXISTS, "earlier");
  guint64 version = runconf_configuration_get_version (config);

  for (const EveryCall *call = every_call; call->name != NULL; call++)
    {
      g_autoptr (GAsyncResult) result = NULL;

      g_test_message ("%s", call->name);
      g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_CRITICAL, "*_sync: *error == NULL*");
      g_assert_false (call->run (config, &error));
      g_test_assert_expected_messages ();
      g_assert_cmpuint (runconf_configuration_get_version (config), ==, version);

      call->start (config, on_done, &result);
      world_wait_until (result != NULL);
      version = runconf_configuration_get_version (config);
      g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_CRITICAL, "*_finish: *error == NULL*");
      g_assert_false (call->finish (config, result, &error));
      g_test_assert_expected_messages ();
    }

  g_assert_cmpstr (error->message, ==, "earlier");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/preconditions/error-is-set", World, NULL, world_set_up, test_error_is_set,
              world_tear_down);

  return g_test_run ();
}
