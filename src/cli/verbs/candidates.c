/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/verbs/candidates.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/layers.h"
#include "cli/session/properties.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/table.h"
#include "cli/validate/image.h"
#include "cli/verbs/glimpse.h"
#include "core/mapping.h"
#include "core/path.h"
#include "core/variant.h"

/* Prints the candidates with which a shell completes a command line. */

/* The largest width of a description in columns: shells print several candidates on one line. */
#define MAX_WIDTH 80

/* only this many recent versions are candidates */
#define MAX_VERSIONS 20

/* Candidates that can't be found out are left out without a message, which would disturb the user's
 * typing.
 */

static void
print_candidate (const CliLine *line, const char *candidate, const char *description)
{
  g_autofree char *whole = cli_text_make_line (description != NULL ? description : "");
  g_autofree char *shown = cli_text_shorten (whole, MAX_WIDTH);
  g_autofree char *safe = cli_text_make_line (candidate);
  g_autofree char *text = NULL;

  /* characters that can't be typed can't be completed */
  if (!g_str_has_prefix (candidate, line->word) || strcmp (safe, candidate) != 0)
    return;

  text = g_strdup_printf ("%s%s\t%s", line->prefix, candidate, shown);
  cli_print_line (text);
}

static void
print_options (const CliLine *line)
{
  g_autoptr (GPtrArray) options = cli_line_get_options (line);

  for (guint i = 0; i < options->len; i++)
    {
      const GOptionEntry *entry = options->pdata[i];
      g_autofree char *name = g_strdup_printf ("--%s", entry->long_name);

      print_candidate (line, name, _ (entry->description));
    }
}

static void
print_verbs (const CliLine *line)
{
  guint n_verbs;
  const CliVerb *const *verbs = cli_verbs_get (&n_verbs);

  for (guint i = 0; i < n_verbs; i++)
    if (!verbs[i]->is_for_programs)
      print_candidate (line, verbs[i]->name, _ (verbs[i]->summary));
}

static void
print_words (const CliLine *line, const char *const *words)
{
  for (; *words != NULL; words++)
    print_candidate (line, *words, NULL);
}

static void
print_configurations (const CliLine *line, CliSession *session)
{
  g_autoptr (GVariant) configurations = cli_properties_fetch_all (session, NULL);
  GVariantIter iter;
  const char *name;
  GVariant *properties;

  if (configurations == NULL)
    return;

  g_variant_iter_init (&iter, configurations);
  while (g_variant_iter_loop (&iter, "{&s@a{sv}}", &name, &properties))
    print_candidate (line, name, cli_property_get_text (properties, "DefaultConfigPath"));
}

/* Prints the configurations of the image that `validate --root` checks. */
static void
print_image_names (const CliLine *line)
{
  g_autoptr (CliImage) image = cli_image_new (line->form_argument, NULL);
  g_auto (GStrv) names = image != NULL ? cli_image_list (image) : NULL;

  if (names != NULL)
    print_words (line, (const char *const *) names);
}

static void
print_versions (const CliLine *line, CliSession *session)
{
  RunconfConfiguration *configuration = cli_session_reach (session, NULL);
  g_autolist (RunconfChange) history = NULL;

  if (configuration == NULL)
    return;

  history = runconf_configuration_history_sync (configuration, "", 0, MAX_VERSIONS, NULL, NULL);
  for (const GList *each = history; each != NULL; each = each->next)
    {
      RunconfChange *change = each->data;
      g_autofree char *version = cli_format_number (runconf_change_get_version (change));
      g_autofree char *time = cli_format_time ((guint64) runconf_change_get_time (change));
      const char *message = runconf_change_get_message (change);
      g_autofree char *description = g_strdup_printf (
          "%s  %s", time, message != NULL ? message : runconf_change_get_origin (change));

      print_candidate (line, version, description);
    }
}

static void
print_path (const CliLine *line, const char *path, const RunconfNode *value)
{
  g_autofree char *description = runconf_node_is_leaf (value) ? cli_format_value (value) : NULL;

  print_candidate (line, path, description);
}

/* Prints the paths directly below @path that begin with the word.
 * Returns: the number of such paths; @first is set to the first one
 */
static guint
print_below (const CliLine *line, const char *path, const RunconfNode *node, char **first)
{
  guint n_found = 0;

  if (!runconf_node_is_mapping (node))
    return 0;

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      g_autoptr (GString) pointer = g_string_new (path);

      runconf_path_append (pointer, runconf_mapping_get_key (node, i, NULL));
      if (!g_str_has_prefix (pointer->str, line->word))
        continue;

      print_path (line, pointer->str, runconf_node_get_child (node, i));
      if (n_found++ == 0)
        *first = g_string_free (g_steal_pointer (&pointer), FALSE);
    }

  return n_found;
}

/* Paths are completed segment by segment. If there is only one candidate, the paths below it are
 * printed too, so that no shell takes the path as finished.
 */
static void
print_paths (const CliLine *line, const CliOptions *options, CliSession *session)
{
  const char *last = strrchr (line->word, '/');
  g_autofree char *parent
      = last != NULL ? g_strndup (line->word, last - line->word) : g_strdup ("");
  g_autoptr (RunconfPath) path = runconf_path_new (parent, NULL);
  g_autoptr (RunconfNode) node = NULL;
  g_autofree char *found = NULL;

  if ((last == NULL && *line->word != '\0') || path == NULL)
    return;

  node = cli_glimpse (session, options, parent);
  if (node != NULL && print_below (line, parent, node, &found) == 1)
    {
      g_autoptr (RunconfPath) only = runconf_path_new (found, NULL);
      const char *key = runconf_path_get_segment (only, runconf_path_get_length (only) - 1);
      g_autofree char *further = NULL;

      print_below (line, found, runconf_mapping_get (node, key), &further);
    }
}

static void
print_nodes (const CliLine *line, GVariant *values)
{
  for (gsize i = 0; i < g_variant_n_children (values); i++)
    {
      g_autoptr (GVariant) value = g_variant_get_child_value (values, i);
      g_autoptr (RunconfNode) node = runconf_node_from_variant (value, "", NULL);
      g_autofree char *text = node != NULL ? cli_format_value (node) : NULL;

      if (text != NULL)
        print_candidate (line, text, NULL);
    }
}

/* Prints the values that the schema allows at the preceding path, if it lists them. */
static void
print_values (const CliLine *line, CliSession *session)
{
  RunconfConfiguration *configuration = cli_session_reach (session, NULL);
  const char *path = line->arguments->pdata[line->arguments->len - 1];
  static const char *const booleans[] = { "true", "false", NULL };
  g_autoptr (RunconfDescription) description = NULL;
  g_autoptr (GVariant) allowed = NULL;

  if (configuration == NULL || !g_utf8_validate (path, -1, NULL))
    return;

  description = runconf_configuration_describe_sync (configuration, path, NULL, NULL);
  if (description == NULL)
    return;

  allowed = runconf_description_lookup (description, "enum");
  if (allowed != NULL && g_variant_is_of_type (allowed, G_VARIANT_TYPE ("av")))
    print_nodes (line, allowed);
  else if (g_strcmp0 (runconf_description_get_value_type (description), "boolean") == 0)
    print_words (line, booleans);
}

/* Prints the candidates from a running service. No service is started for the files of --offline,
 * since it would write files beside them.
 */
static void
print_answers (const CliLine *line, CliSession *session)
{
  if (cli_line_wants (line, "NAME") && line->form_argument == NULL)
    print_configurations (line, session);
  if (cli_line_wants (line, "VERSION"))
    print_versions (line, session);
  if (cli_line_wants (line, "VALUE") && line->arguments->len > 0)
    print_values (line, session);
}

/**
 * cli_candidates_print:
 * @options: the options in the line that select the configuration
 * @session: a session with these options
 *
 * Prints each word that may be at the end of @line, followed by a tab and a description. `FILES`
 * and `COMMANDS` without a tab stand for words that the shell completes better itself.
 */
void
cli_candidates_print (const CliLine *line, const CliOptions *options, CliSession *session)
{
  static const char *const help[] = { "help", NULL };
  static const char *const formats[] = { "dconf", NULL };
  static const char *const times[] = { "auto", "always", "never", NULL };

  if (line->wants_option)
    print_options (line);
  if (cli_line_wants (line, "VERB"))
    print_verbs (line);
  if (cli_line_wants (line, "help"))
    print_words (line, help);
  if (cli_line_wants (line, "WHEN"))
    print_words (line, times);
  if (cli_line_wants (line, "FORMAT"))
    print_words (line, formats);
  if (cli_line_wants (line, "LAYER"))
    print_words (line, cli_layers_list_all ());
  if (cli_line_wants (line, "PATH"))
    print_paths (line, options, session);
  if (cli_line_wants (line, "NAME") && line->form_argument != NULL)
    print_image_names (line);
  if (options->offline == NULL)
    print_answers (line, session);
  if (cli_line_wants (line, "FILE") || cli_line_wants (line, "FOLDER"))
    cli_print_line ("FILES");
  if (cli_line_wants (line, "COMMAND-LINE"))
    cli_print_line ("COMMANDS");
}
