/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

#include "schema/schema.h"
#include "yaml/document.h"

/* Checks schemas and values for the tests in Python: each line of the input is a schema or, after a
 * tab, a value for the last one, as JSON. The output for each is one line: `taken` or `refused`
 * with the message, `valid` or `invalid` with the messages.
 */

static void
print_verdict (RunconfSchema *schema, const RunconfNode *value)
{
  g_autoptr (GPtrArray) violations = runconf_schema_check (schema, value);

  printf (violations->len == 0 ? "valid" : "invalid");
  for (guint i = 0; i < violations->len; i++)
    printf ("\t%s", ((RunconfViolation *) violations->pdata[i])->message);
  printf ("\n");
}

int
main (void)
{
  g_autoptr (RunconfSchema) schema = NULL;
  g_autofree char *line = NULL;
  size_t size = 0;
  ssize_t length;

  while ((length = getline (&line, &size, stdin)) > 0)
    {
      gboolean is_value = line[0] == '\t';
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfNode) node
          = runconf_read_value (line + is_value, length - is_value, "line", &error);

      if (is_value && node != NULL && schema != NULL)
        {
          print_verdict (schema, node);
          continue;
        }
      if (!is_value)
        g_clear_pointer (&schema, runconf_schema_unref);
      if (!is_value && node != NULL)
        schema = runconf_schema_new (node, NULL, &error);
      printf ("%s\t%s\n", !is_value && schema != NULL ? "taken" : "refused",
              error != NULL ? error->message : "");
    }

  return 0;
}
