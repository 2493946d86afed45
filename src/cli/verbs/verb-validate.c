/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/validate/check.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "cli/verbs/verb.h"

/* `runconf validate`: checks files with a schema, without a service. */

static char *schema;
static char **defaults;

static const GOptionEntry entries[] = {
  { "schema", 0, 0, G_OPTION_ARG_FILENAME, &schema,
    N_ ("The schema of the values, by default config.schema.yaml beside the file"), N_ ("FILE") },
  { "over", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &defaults,
    N_ ("Check overrides, merged over these defaults; can be given several times"), N_ ("FILE") },
  { NULL },
};

/* The files and results of the thread that checks. */
typedef struct
{
  CliCheck *check;
  CliProgress progress;
  char **files;
  GPtrArray *lines; /* the messages for valid files */
  gboolean is_fine;
} Work;

static char *
praise (const char *file, const char *used)
{
  g_autofree char *shown = cli_text_make_line (file);
  g_autofree char *by = used != NULL ? cli_text_make_line (used) : NULL;

  if (by == NULL)
    return g_strdup_printf (_ ("%s: fine, without a schema"), shown);
  if (*by == '\0')
    return g_strdup_printf (_ ("%s: fine, as a schema"), shown);

  return g_strdup_printf (_ ("%s: fine, by %s"), shown, by);
}

static gpointer
work (gpointer data)
{
  Work *self = data;

  for (char **file = self->files; *file != NULL; file++)
    {
      g_autofree char *used = NULL;

      if (cli_check_run (self->check, *file, &self->progress, &used))
        g_ptr_array_add (self->lines, praise (*file, used));
      else
        self->is_fine = FALSE;
    }

  return NULL;
}

static void
print_json (GPtrArray *findings)
{
  g_autoptr (GPtrArray) records = cli_records_new ();
  g_autoptr (RunconfNode) answer = NULL;

  for (guint i = 0; i < findings->len; i++)
    g_ptr_array_add (records, cli_finding_to_node (findings->pdata[i]));
  answer = cli_records_end (records);
  cli_print_json (answer);
}

static void
print (GPtrArray *findings, GPtrArray *lines)
{
  for (guint i = 0; i < findings->len; i++)
    {
      g_autofree char *line = cli_finding_format (findings->pdata[i]);

      cli_print_line (line);
    }

  for (guint i = 0; !cli_output_is_quiet () && i < lines->len; i++)
    cli_print_line (lines->pdata[i]);
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  g_autoptr (CliCheck) check = cli_check_new (schema, defaults);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  Work self = { .check = check, .files = arguments, .lines = lines, .is_fine = TRUE };

  self.progress.n_parts = (gint) g_strv_length (arguments);
  cli_progress_run (&self.progress, _ ("checking"), work, &self);

  if (cli_output_is_json ())
    print_json (cli_check_get_findings (check));
  else
    print (cli_check_get_findings (check), lines);
  if (cli_check_has_more (check))
    cli_output_complain (
        _ ("there may be more errors: at most a hundred of each file are printed"));

  return self.is_fine ? CLI_EXIT_DONE : CLI_EXIT_FAILED;
}

const CliVerb cli_verb_validate = {
  .name = "validate",
  .synopsis = N_ ("FILE… | -"),
  .summary = N_ ("check files, without a service"),
  .description
  = N_ ("Prints each error as compilers do, FILE:LINE:COLUMN: error: MESSAGE, and exits with "
        "status 1 if there is one. A text is checked as the service would read it, and its values "
        "with the schema: that of --schema, or config.schema.yaml beside the file. Overrides are "
        "merged over the defaults that they name, if these exist, or over those of --over, and the "
        "schema beside the defaults is used.\n"
        "\n"
        "  runconf validate config.yaml\n"
        "  runconf validate --schema config.schema.yaml - < new.yaml\n"
        "  runconf validate --over config.yaml runtime_config.yaml"),
  .min_arguments = 1,
  .max_arguments = CLI_ANY,
  .entries = entries,
  .run = run,
};
