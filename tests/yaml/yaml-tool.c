/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/mapping.h"
#include "core/operation.h"
#include "yaml/emitter.h"
#include "yaml/json.h"
#include "yaml/rewrite.h"

/* For the tests that aren't written in C: reads one text and writes the result.
 *
 *   yaml-tool json|yaml FILE [NAME]      the tree of a configuration
 *   yaml-tool value-json FILE [NAME]     the same, for a text whose root may be any value
 *   yaml-tool time FILE                  the time that reading takes, in milliseconds
 *   yaml-tool edit FILE SCRIPT           the text of a configuration, changed in place
 *   yaml-tool edits FILE SCRIPTS         the same for many changes, each of the same text
 *
 * Each line of a script is one of
 *
 *   set PATH VALUE
 *   merge PATH VALUE
 *   replace PATH VALUE
 *   reset PATH
 *   unset PATH
 *
 * with the path as a JSON string (a JSON Pointer) and the value as YAML. All lines are one change
 * of the text. The amount of rewriting is printed on stderr: in-place, afresh or whole. Scripts are
 * separated by a blank line; the output for each is a line `SCOPE LENGTH LENGTH`, followed by the
 * text and its tree as JSON, or `refused LENGTH 0` with the message.
 *
 * If a text is refused, the error is printed on stderr, with exit status 1.
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

/* Splits off the JSON string at the beginning of a line, without spaces before it. */
static char *
take_path (char **line, GError **error)
{
  g_autoptr (RunconfNode) node = NULL;
  char *start = *line;
  char *end;

  while (*start == ' ')
    start++;
  end = *start == '"' ? start + 1 : start;
  while (*end != '\0' && *end != '"')
    end += end[0] == '\\' && end[1] != '\0' ? 2 : 1;
  if (*end == '"')
    end++;

  node = runconf_read_value (start, end - start, "path", error);
  if (node == NULL)
    return NULL;
  if (runconf_node_get_kind (node) != RUNCONF_KIND_STRING)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "no path in quotes");
      return NULL;
    }
  *line = end;

  return g_strdup (runconf_node_get_string (node, NULL));
}

static RunconfOperation *
parse_operation (char *line, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (RunconfNode) value = NULL;
  RunconfVerb verb;
  char *rest = strchr (line, ' ');

  if (rest == NULL)
    rest = line + strlen (line);
  else
    *rest++ = '\0';
  if (!runconf_verb_from_string (line, &verb, error))
    return NULL;

  path = take_path (&rest, error);
  if (path == NULL)
    return NULL;
  if (runconf_verb_has_value (verb))
    {
      value = runconf_read_value (rest, -1, "value", error);
      if (value == NULL)
        return NULL;
    }

  return runconf_operation_new (verb, path, value, error);
}

static RunconfNode *
apply_script (const char *script, const RunconfNode *root, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (script, "\n", -1);
  g_autoptr (RunconfNode) defaults = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) changed = runconf_node_ref (root);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (RunconfOperation) operation = NULL;
      g_autoptr (RunconfNode) before = NULL;

      if (lines[i][0] == '\0' || lines[i][0] == '#')
        continue;
      operation = parse_operation (lines[i], error);
      if (operation == NULL)
        return NULL;
      before = g_steal_pointer (&changed);
      changed = runconf_operation_apply (operation, defaults, before, error);
      if (changed == NULL)
        return NULL;
    }

  return g_steal_pointer (&changed);
}

static RunconfDocument *
edit (RunconfDocument *document, const char *script, const char **scope_name, GError **error)
{
  static const char *const scopes[] = { "in-place", "afresh", "whole" };
  RunconfRewriteScope scope;
  RunconfDocument *edited;
  g_autoptr (RunconfNode) root = apply_script (script, runconf_document_get_root (document), error);

  if (root == NULL)
    return NULL;
  edited = runconf_rewrite (document, root, "text", &scope, error);
  if (edited != NULL)
    *scope_name = scopes[scope];

  return edited;
}

static int
print_edited (RunconfDocument *document, const char *script)
{
  g_autoptr (RunconfDocument) edited = NULL;
  g_autoptr (GError) error = NULL;
  const char *scope;
  const char *data;
  gsize length;

  edited = edit (document, script, &scope, &error);
  if (edited == NULL)
    return complain (error);

  data = g_bytes_get_data (runconf_document_get_text (edited), &length);
  fwrite (data, 1, length, stdout);
  fprintf (stderr, "%s\n", scope);

  return 0;
}

static void
print_parts (const char *outcome, const char *text, gsize length, const GString *json)
{
  printf ("%s %" G_GSIZE_FORMAT " %" G_GSIZE_FORMAT "\n", outcome, length, json->len);
  fwrite (text, 1, length, stdout);
  fwrite (json->str, 1, json->len, stdout);
}

/* The tree is read from the new text again: the tree that the change assumed isn't trusted. */
static void
print_one_of_many (RunconfDocument *document, const char *script)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (RunconfDocument) edited = NULL;
  g_autoptr (RunconfDocument) again = NULL;
  g_autoptr (GError) error = NULL;
  const char *scope;
  const char *data;
  gsize length;

  edited = edit (document, script, &scope, &error);
  if (edited != NULL)
    again = runconf_document_new (runconf_document_get_text (edited), "text", &error);
  if (again == NULL)
    {
      print_parts ("refused", error->message, strlen (error->message), json);
      return;
    }

  runconf_emit_json (json, runconf_document_get_root (again));
  data = g_bytes_get_data (runconf_document_get_text (edited), &length);
  print_parts (scope, data, length, json);
}

static int
print_all_edited (RunconfDocument *document, const char *scripts)
{
  g_auto (GStrv) parts = g_strsplit (scripts, "\n\n", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    print_one_of_many (document, parts[i]);

  return 0;
}

/* Changes the text as a command does. */
static int
run_edit (RunconfDocument *document, const char *script_path, gboolean is_many)
{
  g_autofree char *script = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_get_contents (script_path, &script, NULL, &error))
    return complain (error);

  return is_many ? print_all_edited (document, script) : print_edited (document, script);
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
      g_printerr ("usage: yaml-tool json|yaml|value-json|time FILE [NAME]\n"
                  "       yaml-tool edit FILE SCRIPT\n"
                  "       yaml-tool edits FILE SCRIPTS\n");
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

  if (strcmp (command, "edit") == 0 || strcmp (command, "edits") == 0)
    return run_edit (document, name, strcmp (command, "edits") == 0);
  if (strcmp (command, "json") == 0)
    runconf_emit_json (out, runconf_document_get_root (document));
  else
    runconf_emit_yaml (out, runconf_document_get_root (document));

  return print (out);
}
