/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/object-path.h"

static void
test_names (void)
{
  static const char *const good[] = { "default", "a", "7", "A.b-c_9" };
  static const char *const bad[] = { "", "_a", ".a", "-a", "a b", "a/b", "a\n", "ä" };
  g_autofree char *longest = g_strnfill (64, 'a');
  g_autofree char *too_long = g_strnfill (65, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (runconf_object_path_is_name (good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (runconf_object_path_is_name (bad[i]));
  g_assert_true (runconf_object_path_is_name (longest));
  g_assert_false (runconf_object_path_is_name (too_long));
}

static void
test_escaping (void)
{
  static const struct
  {
    const char *name;
    const char *path;
  } table[] = {
    { "default", "/org/runconf/Config1/default" },
    { "chat-bot", "/org/runconf/Config1/chat_2dbot" },
    { "7a7", "/org/runconf/Config1/_37a7" },
    { "a_b.c", "/org/runconf/Config1/a_5fb_2ec" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *path = runconf_object_path_new (table[i].name);

      g_assert_cmpstr (path, ==, table[i].path);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/object-path/names", test_names);
  g_test_add_func ("/object-path/escaping", test_escaping);

  return g_test_run ();
}
