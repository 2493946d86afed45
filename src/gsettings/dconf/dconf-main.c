/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <locale.h>
#include <string.h>

#include <glib.h>

#include "cli/session/text.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"
#include "core/metadata.h"
#include "gsettings/dconf/entry.h"
#include "gsettings/dconf/export.h"
#include "gsettings/dconf/import.h"
#include "gsettings/dconf/source.h"
#include "gsettings/dconf/system.h"
#include "yaml/emitter.h"

/* The main function of `runconf-dconf`, which `runconf import` and `runconf export` execute. It
 * converts texts, and needs no service: `import` prints overrides for `runconf merge`, and `export`
 * reads overrides from standard input. Its messages are in English only.
 */

typedef struct
{
  CliOptions common;
  char *file;
  char *output;
  gboolean system;
} Options;

/* Returns: the exit status */
static CliExit
report (GPtrArray *complaints)
{
  for (guint i = 0; i < complaints->len; i++)
    cli_output_complain (complaints->pdata[i]);

  return complaints->len > 0 ? CLI_EXIT_FAILED : CLI_EXIT_DONE;
}

static GPtrArray *
read_user (GError **error)
{
  g_autoptr (GPtrArray) sources = dconf_sources_read (error);

  if (sources == NULL)
    return NULL;
  if (sources->len > 0 && ((DconfSource *) sources->pdata[0])->file == NULL)
    return dconf_source_read (sources->pdata[0], error);

  g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
               "the first line of the profile of dconf isn't the database of a user");

  return NULL;
}

static GPtrArray *
read_file (const char *file, GError **error)
{
  g_autoptr (GBytes) text = cli_text_read (file, error);

  return text != NULL
             ? dconf_entries_parse (text, strcmp (file, "-") == 0 ? "standard input" : file, error)
             : NULL;
}

static CliExit
print_import (const Options *options, GPtrArray *complaints, GError **error)
{
  g_autoptr (GPtrArray) entries
      = options->file != NULL ? read_file (options->file, error) : read_user (error);
  g_autoptr (DconfTypes) types = NULL;
  g_autoptr (RunconfNode) patch = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (entries == NULL)
    return CLI_EXIT_FAILED;

  types = dconf_types_new ();
  patch = dconf_import (entries, types, complaints);
  runconf_emit_yaml (text, patch);
  cli_print (text->str);

  return CLI_EXIT_DONE;
}

static CliExit
print_export (GPtrArray *complaints, GError **error)
{
  g_autoptr (GBytes) text = cli_text_read ("-", error);
  g_autoptr (RunconfNode) root = NULL;
  g_autoptr (DconfTypes) types = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *dump = NULL;

  if (text == NULL)
    return CLI_EXIT_FAILED;

  root = cli_text_parse_mapping (text, "-", NULL, error);
  if (root == NULL)
    return CLI_EXIT_FAILED;

  types = dconf_types_new ();
  entries = dconf_export (root, types, complaints);
  dump = dconf_entries_print (entries);
  cli_print (dump);

  return CLI_EXIT_DONE;
}

static CliExit
run_verb (const Options *options, const char *verb, GError **error)
{
  g_autoptr (GPtrArray) complaints = g_ptr_array_new_with_free_func (g_free);
  CliExit status = CLI_EXIT_FAILED;

  if (g_strcmp0 (verb, "export") == 0)
    status = print_export (complaints, error);
  else if (g_strcmp0 (verb, "import") != 0)
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                 "usage: runconf import dconf, or runconf export dconf");
  else if (options->system)
    status = dconf_system_import (options->output, complaints, error);
  else
    status = print_import (options, complaints, error);

  return status == CLI_EXIT_DONE ? report (complaints) : status;
}

static CliExit
run (Options *options, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "file", 0, 0, G_OPTION_ARG_FILENAME, &options->file, NULL, NULL },
    { "system", 0, 0, G_OPTION_ARG_NONE, &options->system, NULL, NULL },
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &options->output, NULL, NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options->common.quiet, NULL, NULL },
    { "color", 0, 0, G_OPTION_ARG_FILENAME, &options->common.color, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return CLI_EXIT_USAGE;

  cli_output_begin (&options->common);

  return run_verb (options, argc > 1 ? argv[1] : NULL, error);
}

int
main (int argc, char **argv)
{
  Options options = { 0 };
  g_autoptr (GError) error = NULL;
  CliExit status;

  setlocale (LC_ALL, "");
  g_set_prgname ("runconf");
  status = run (&options, argc, argv, &error);
  cli_options_clear (&options.common);
  g_free (options.file);
  g_free (options.output);

  return cli_failure_conclude (status, error);
}
