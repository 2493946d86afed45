/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "yaml/compose.h"
#include "yaml/emitter.h"
#include "yaml/json.h"

/* What the tests that aren't written in C use: reads one text and writes what was read.
 *
 *   yaml-tool json|yaml FILE [NAME]      the tree of a configuration
 *   yaml-tool value-json FILE [NAME]     the same, of a text whose root may be anything
 *   yaml-tool time FILE                  how long reading takes, in milliseconds
 *
 * A text that is refused is told on stderr, with exit status 1.
 */

static int
complain (const GError *error)
{
  fprintf (stderr, "%s\n", error->message);

  return 1;
}

static int
print (GString *out)
{
  fwrite (out->str, 1, out->len, stdout);

  return 0;
}

static int
print_value (const char *data, gsize length, const char *name)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) node = runconf_read_value (data, length, name, &error);

  if (node == NULL)
    return complain (error);
  runconf_emit_json (out, node);

  return print (out);
}

static int
print_time (GBytes *text)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (RunconfDocument) document = runconf_document_new (text, "text", NULL);

  g_print ("%.3f %s\n", (g_get_monotonic_time () - start) / 1000.0,
           document != NULL ? "taken" : "refused");

  return 0;
}

int
main (int argc, char **argv)
{
  const char *command = argc > 2 ? argv[1] : "";
  const char *name = argc > 3 ? argv[3] : "text";
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (RunconfDocument) document = NULL;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize length;

  if (argc < 3)
    {
      g_printerr ("usage: yaml-tool json|yaml|value-json|time FILE [NAME]\n");
      return 2;
    }

  if (!g_file_get_contents (argv[2], &data, &length, &error))
    return complain (error);
  if (strcmp (command, "value-json") == 0)
    return print_value (data, length, name);

  text = g_bytes_new (data, length);
  if (strcmp (command, "time") == 0)
    return print_time (text);

  document = runconf_document_new (text, name, &error);
  if (document == NULL)
    return complain (error);

  if (strcmp (command, "json") == 0)
    runconf_emit_json (out, runconf_document_get_root (document));
  else
    runconf_emit_yaml (out, runconf_document_get_root (document));

  return print (out);
}
