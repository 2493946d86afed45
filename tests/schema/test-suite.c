/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/mapping.h"
#include "schema/schema.h"
#include "yaml/document.h"

/* Runs draft-07 of the JSON Schema test suite on trees: its texts are read like a configuration.
 * suite-exceptions.tsv lists the cases with another verdict, and the reason; any other verdict, and
 * an exception that isn't needed, fails. The cases of refRemote.json, documents that are fetched,
 * are refused here on purpose.
 */

typedef struct
{
  char *name;
  RunconfNode *schema;
  RunconfNode *data;
  gboolean is_valid;
  const char *exception; /* the verdict, NULL if it is that of the suite */
} Case;

static void
case_free (Case *self)
{
  g_free (self->name);
  runconf_node_unref (self->schema);
  runconf_node_unref (self->data);
  g_free (self);
}

static const char *
get_string (const RunconfNode *mapping, const char *key)
{
  return runconf_node_get_string (runconf_mapping_get (mapping, key), NULL);
}

static const char *
get_verdict (const Case *test)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *where = NULL;
  g_autoptr (RunconfSchema) schema = runconf_schema_new (test->schema, &where, &error);
  g_autoptr (GPtrArray) violations = NULL;

  if (schema == NULL)
    {
      g_test_message ("%s", error->message);
      return "refused";
    }

  violations = runconf_schema_check (schema, test->data);
  for (guint i = 0; i < violations->len; i++)
    g_test_message ("%s", ((RunconfViolation *) violations->pdata[i])->message);

  return violations->len == 0 ? "valid" : "invalid";
}

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  const char *wanted = test->is_valid ? "valid" : "invalid";
  const char *verdict = get_verdict (test);

  /* show all differences, not only the first */
  if (g_str_equal (verdict, test->exception != NULL ? test->exception : wanted)
      && g_strcmp0 (test->exception, wanted) != 0)
    return;

  g_test_message ("%s: it is %s", test->name, verdict);
  g_test_fail ();
}

static GHashTable *
read_exceptions (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "suite-exceptions.tsv", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GHashTable *exceptions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 1; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_auto (GStrv) columns = g_strsplit (lines[i], "\t", -1);

      g_assert_cmpuint (g_strv_length (columns), ==, 3);
      g_hash_table_insert (exceptions, g_strdup (columns[0]), g_strdup (columns[1]));
    }

  return exceptions;
}

static void
add_group (const char *file, const RunconfNode *group, GHashTable *exceptions)
{
  const RunconfNode *tests = runconf_mapping_get (group, "tests");
  static guint n_cases;

  for (guint i = 0; i < runconf_node_get_length (tests); i++)
    {
      const RunconfNode *node = runconf_node_get_child (tests, i);
      g_autofree char *path = g_strdup_printf ("/schema/suite/%s/%u", file, n_cases++);
      Case *test = g_new0 (Case, 1);

      test->name = g_strdup_printf ("%s: %s: %s", file, get_string (group, "description"),
                                    get_string (node, "description"));
      test->schema = runconf_node_ref (runconf_mapping_get (group, "schema"));
      test->data = runconf_node_ref (runconf_mapping_get (node, "data"));
      test->is_valid = runconf_node_get_boolean (runconf_mapping_get (node, "valid"));
      test->exception = g_hash_table_lookup (exceptions, test->name);
      g_test_add_data_func_full (path, test, test_case, (GDestroyNotify) case_free);
    }
}

static void
add_file (const char *folder, const char *name, GHashTable *exceptions)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) groups = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  groups = runconf_read_value (text, (gssize) length, name, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < runconf_node_get_length (groups); i++)
    add_group (name, runconf_node_get_child (groups, i), exceptions);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GHashTable) exceptions = NULL;
  g_autoptr (GDir) folder = NULL;
  const char *name;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);

  exceptions = read_exceptions ();
  folder = g_dir_open (argv[1], 0, NULL);
  g_assert_nonnull (folder);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      if (g_str_has_suffix (name, ".json") && !g_str_equal (name, "refRemote.json"))
        add_file (argv[1], name, exceptions);
    }

  return g_test_run ();
}
