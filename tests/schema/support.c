/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/schema/support.h"

#include "yaml/document.h"

RunconfNode *
read_yaml (const char *text)
{
  g_autoptr (GError) error = NULL;
  RunconfNode *node = runconf_read_value (text, -1, "text", &error);

  g_assert_no_error (error);

  return node;
}

RunconfSchema *
read_schema (const char *text)
{
  g_autoptr (RunconfNode) node = read_yaml (text);
  g_autoptr (GError) error = NULL;
  g_autofree char *where = NULL;
  RunconfSchema *schema = runconf_schema_new (node, &where, &error);

  g_assert_no_error (error);
  g_assert_null (where);

  return schema;
}

RunconfPath *
read_path (const char *pointer)
{
  RunconfPath *path = runconf_path_new (pointer, NULL);

  g_assert_nonnull (path);

  return path;
}

/* Returns: (transfer full): a line for each: its rule and its message */
char *
print_violations (GPtrArray *violations)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < violations->len; i++)
    {
      const RunconfViolation *violation = violations->pdata[i];

      g_string_append_printf (out, "%s%s %s", i > 0 ? "\n" : "", violation->rule,
                              violation->message);
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}

void
assert_violations (RunconfSchema *schema, const char *tree, const char *wanted)
{
  g_autoptr (RunconfNode) node = read_yaml (tree);
  g_autoptr (GPtrArray) violations = runconf_schema_check (schema, node);
  g_autofree char *found = print_violations (violations);

  g_assert_cmpstr (found, ==, wanted);
}
