/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/error.h"
#include "yaml/compose.h"
#include "yaml/json.h"

/* Whole texts, one per file, beside the expected result: in accept/ the tree as JSON, in refuse/
 * the message.
 */

static GBytes *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *data;
  gsize length;

  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);

  return g_bytes_new_take (data, length);
}

/* Loads the file beside @path with the ending @suffix. */
static char *
load_expected (const char *path, const char *suffix)
{
  g_autofree char *stem = g_strndup (path, strlen (path) - strlen (".yaml"));
  g_autofree char *beside = g_strconcat (stem, suffix, NULL);
  g_autoptr (GError) error = NULL;
  char *data;

  g_file_get_contents (beside, &data, NULL, &error);
  g_assert_no_error (error);

  return g_strchomp (data);
}

static void
test_accept (gconstpointer user_data)
{
  const char *path = user_data;
  g_autofree char *expected = load_expected (path, ".json");
  g_autoptr (GBytes) text = load (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfDocument) document = runconf_document_new (text, "text", &error);
  g_autoptr (RunconfDocument) again = NULL;
  g_autoptr (GString) json = g_string_new (NULL);

  g_assert_no_error (error);
  runconf_emit_json (json, runconf_document_get_root (document));
  g_assert_cmpstr (json->str, ==, expected);

  again = runconf_compose (document, runconf_document_get_root (document), "text", &error);
  g_assert_no_error (error);
}

static void
test_refuse (gconstpointer user_data)
{
  const char *path = user_data;
  g_autofree char *expected = load_expected (path, ".error");
  g_autoptr (GBytes) text = load (path);
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_document_new (text, "text", &error));
  g_assert_cmpint (error->domain, ==, RUNCONF_ERROR);
  g_assert_cmpstr (error->message, ==, expected);
}

static void
add_folder (const char *folder, GTestDataFunc function)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", folder, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *test = g_strdup_printf ("/yaml/fixtures/%s/%s", folder, name);

      if (g_str_has_suffix (name, ".yaml"))
        g_test_add_data_func_full (test, g_build_filename (path, name, NULL), function, g_free);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add_folder ("accept", test_accept);
  add_folder ("refuse", test_refuse);

  return g_test_run ();
}
