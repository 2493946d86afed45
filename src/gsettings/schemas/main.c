/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <locale.h>
#include <stdlib.h>

#include "gsettings/schemas/defaults.h"
#include "gsettings/schemas/definitions.h"
#include "gsettings/schemas/output.h"
#include "gsettings/schemas/user.h"
#include "layers/files.h"

/* The program runconf-gsettings-schemas: its command line, and the files of a package's layer. */

#define PROGRAM "runconf-gsettings-schemas"
#define OUTPUT_FOLDER RUNCONF_DATA_DIR "/runconf/" RUNCONF_GSETTINGS_CONFIGURATION

/* the limit if the files change all the time */
#define N_RUNS 10u

/* It selects defaults, of which the files may have none. */
#define DESKTOP_VARIABLE "XDG_CURRENT_DESKTOP"

typedef struct
{
  char **schemas;
  char *output;
  gboolean user;
  gboolean version;
} Options;

static void
options_clear (Options *self)
{
  g_strfreev (self->schemas);
  g_free (self->output);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
check_options (const Options *self, int argc, char **argv, GError **error)
{
  if (argc > 1)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "“%s” isn't an option", argv[1]);
  else if (self->user && self->output != NULL)
    g_set_error (
        error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--user and --output exclude each other: the layer of the user has its own folder");

  return *error == NULL;
}

static gboolean
parse_options (Options *self, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &self->output,
      "Write the files into FOLDER (" OUTPUT_FOLDER ")", "FOLDER" },
    { "schemas", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->schemas,
      "Read the compiled schemas in FOLDER; can be given several times, the strongest first",
      "FOLDER" },
    { "user", 0, 0, G_OPTION_ARG_NONE, &self->user,
      "Write the layer of the user, from the schemas of this session", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->version, "Print the version", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context
      = g_option_context_new ("— write defaults and a schema for the programs that use GSettings");

  g_option_context_add_main_entries (context, entries, NULL);

  return g_option_context_parse (context, &argc, &argv, error)
         && check_options (self, argc, argv, error);
}

static RunconfGsettingsSources *
open_sources (const Options *options, GError **error)
{
  if (options->schemas != NULL)
    return runconf_gsettings_sources_new ((const char *const *) options->schemas, error);

  return options->user ? runconf_gsettings_sources_new_session ()
                       : runconf_gsettings_sources_new_system (RUNCONF_DATA_DIR);
}

static GBytes *
write_schema (const RunconfGsettingsCatalogue *catalogue, GError **error)
{
  g_autoptr (RunconfNode) schema = runconf_gsettings_definitions_new (catalogue, error);

  return schema != NULL ? runconf_gsettings_definitions_write (schema, error) : NULL;
}

static GBytes *
write_defaults (const RunconfGsettingsCatalogue *catalogue, GError **error)
{
  g_autoptr (RunconfNode) defaults = runconf_gsettings_defaults_new (catalogue);
  g_autofree char *head = runconf_gsettings_defaults_list_missing (catalogue, defaults);

  return runconf_gsettings_defaults_write (catalogue, defaults, head, error);
}

/* Both texts are made before one is written. */
static gboolean
update_folder (const RunconfGsettingsCatalogue *catalogue, const char *folder, GError **error)
{
  g_autoptr (GBytes) schema = write_schema (catalogue, error);
  g_autoptr (GBytes) defaults = schema != NULL ? write_defaults (catalogue, error) : NULL;

  return defaults != NULL
         && runconf_gsettings_output_put (folder, RUNCONF_SCHEMA_FILE, schema, error)
         && runconf_gsettings_output_put (folder, RUNCONF_DEFAULTS_FILE, defaults, error);
}

static void
report_complaints (const RunconfGsettingsCatalogue *catalogue)
{
  GPtrArray *complaints = runconf_gsettings_catalogue_get_complaints (catalogue);

  for (guint i = 0; i < complaints->len; i++)
    g_printerr (PROGRAM ": warning: %s\n", (const char *) complaints->pdata[i]);
}

static gboolean
update (const Options *options, const RunconfGsettingsSources *sources, GError **error)
{
  const char *output = options->output != NULL ? options->output : OUTPUT_FOLDER;
  g_autoptr (RunconfGsettingsCatalogue) catalogue = runconf_gsettings_catalogue_new (sources);

  report_complaints (catalogue);
  if (!options->user)
    return update_folder (catalogue, output, error);

  return runconf_gsettings_user_update (catalogue, runconf_gsettings_sources_get_inputs (sources),
                                        error);
}

/* systemd's path unit ignores a change while the service runs, so the run is made again. */
static gboolean
run (const Options *options, GError **error)
{
  for (guint i = 0; i < N_RUNS; i++)
    {
      g_autoptr (RunconfGsettingsSources) sources = open_sources (options, error);

      if (sources == NULL || !update (options, sources, error))
        return FALSE;
      if (runconf_gsettings_inputs_are_current (runconf_gsettings_sources_get_inputs (sources)))
        return TRUE;
    }

  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
               "The schemas have changed in each of %u runs; try again when they are installed",
               N_RUNS);

  return FALSE;
}

/* The language stays C, in which no default and no summary is translated; messages are in UTF-8. */
int
main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (GError) error = NULL;

  setlocale (LC_CTYPE, "");
  g_unsetenv (DESKTOP_VARIABLE);
  if (!parse_options (&options, argc, argv, &error))
    {
      g_printerr (PROGRAM ": %s\n", error->message);
      return EXIT_FAILURE;
    }
  if (options.version)
    {
      g_print (PROGRAM " " RUNCONF_VERSION "\n");
      return EXIT_SUCCESS;
    }
  if (run (&options, &error))
    return EXIT_SUCCESS;

  g_printerr (PROGRAM ": %s\n", error->message);

  return EXIT_FAILURE;
}
