/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/runconf.h>

typedef struct
{
  const char *path;
  const char *keys[4];
} Case;

static const Case cases[] = {
  { "", { NULL } },
  { "/", { "", NULL } },
  { "/chat", { "chat", NULL } },
  { "/modules/a~1b", { "modules", "a/b", NULL } },
  { "/a~0b/~01/", { "a~b", "~1", "", NULL } },
  { "/list/0/\u00fc", { "list", "0", "\u00fc", NULL } },
};

static void
test_there_and_back (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = runconf_path_join (cases[i].keys);
      g_auto (GStrv) keys = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpstr (path, ==, cases[i].path);
      keys = runconf_path_split (path, &error);
      g_assert_no_error (error);
      g_assert_true (g_strv_equal ((const char *const *) keys, cases[i].keys));
    }
}

static void
test_refusals (void)
{
  const char *const wrong[] = { "chat", "chat/port", "/a~b", "/a~2", "/a~", "/\xff" };
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_null (runconf_path_split (wrong[i], &error));
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH);
      g_clear_error (&error);
    }

  for (guint i = 0; i < 31; i++)
    g_string_append (deep, "/x");
  g_assert_null (runconf_path_split (deep->str, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/path/there-and-back", test_there_and_back);
  g_test_add_func ("/path/refusals", test_refusals);

  return g_test_run ();
}
