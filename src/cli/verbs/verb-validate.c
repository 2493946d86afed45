/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "cli/validate/check.h"
#include "cli/validate/image.h"
#include "cli/verbs/verb.h"

/* `runconf validate`: checks files with a schema, without a service. */

static char *schema;
static char **defaults;
static char *root;
static gboolean is_shown;

static const GOptionEntry entries[] = {
  { "schema", 0, 0, G_OPTION_ARG_FILENAME, &schema,
    N_ ("The schema of the values, by default config.schema.yaml beside the file"), N_ ("FILE") },
  { "over", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &defaults,
    N_ ("Check overrides, merged over these defaults; can be given several times"), N_ ("FILE") },
  { "root", 0, 0, G_OPTION_ARG_FILENAME, &root,
    N_ ("Check the files of all layers below FOLDER together, of each configuration or of NAMEs"),
    N_ ("FOLDER") },
  { "show", 0, 0, G_OPTION_ARG_NONE, &is_shown,
    N_ ("With --root and one NAME: print the values that would be in force"), NULL },
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

static void
complain_of_more (void)
{
  cli_output_complain (_ ("there may be more errors: at most a hundred of each file are printed"));
}

static CliExit
check_files (char **files)
{
  g_autoptr (CliCheck) check = cli_check_new (schema, defaults);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  Work self = { .check = check, .files = files, .lines = lines, .is_fine = TRUE };

  self.progress.n_parts = (gint) g_strv_length (files);
  cli_progress_run (&self.progress, _ ("checking"), work, &self);

  if (cli_output_is_json ())
    print_json (cli_check_get_findings (check));
  else
    print (cli_check_get_findings (check), lines);
  if (cli_check_has_more (check))
    complain_of_more ();

  return self.is_fine ? CLI_EXIT_DONE : CLI_EXIT_FAILED;
}

/* The configurations of an image, and the results of the thread that checks them. */
typedef struct
{
  CliImage *image;
  CliProgress progress;
  char **names;
  GPtrArray *lines;    /* the messages for configurations without errors */
  RunconfNode *values; /* of the last one */
} ImageWork;

static gpointer
work_on_image (gpointer data)
{
  ImageWork *self = data;

  for (char **name = self->names; *name != NULL; name++)
    {
      g_auto (CliOutcome) outcome = { FALSE };

      cli_image_check (self->image, *name, &outcome);
      if (outcome.is_fine)
        g_ptr_array_add (self->lines, praise (*name, outcome.schema));
      g_clear_pointer (&self->values, runconf_node_unref);
      self->values = g_steal_pointer (&outcome.values);
      cli_progress_end_part (&self->progress);
    }

  return NULL;
}

/* The values are on standard output, so the errors are not. */
static void
print_values (GPtrArray *findings, const RunconfNode *values)
{
  for (guint i = 0; i < findings->len; i++)
    {
      g_autofree char *line = cli_finding_format (findings->pdata[i]);

      cli_output_complain (line);
    }

  if (values != NULL && cli_output_is_json ())
    cli_print_json (values);
  else if (values != NULL)
    cli_print_yaml (values);
}

static CliExit
check_image (char **arguments, GError **error)
{
  g_autoptr (CliImage) image = cli_image_new (root, error);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) all = NULL;
  ImageWork self = { .image = image, .lines = lines };
  GPtrArray *findings;

  if (image == NULL)
    return CLI_EXIT_FAILED;
  for (char **name = arguments; *name != NULL; name++)
    if (!cli_image_check_name (image, *name, error))
      return CLI_EXIT_FAILED;

  all = *arguments == NULL ? cli_image_list (image) : NULL;
  self.names = all != NULL ? all : arguments;
  self.progress.n_parts = (gint) g_strv_length (self.names);
  cli_progress_run (&self.progress, _ ("checking"), work_on_image, &self);

  findings = cli_image_get_findings (image);
  if (is_shown)
    print_values (findings, self.values);
  else if (cli_output_is_json ())
    print_json (findings);
  else
    print (findings, lines);
  if (cli_image_has_more (image))
    complain_of_more ();
  g_clear_pointer (&self.values, runconf_node_unref);

  return findings->len == 0 ? CLI_EXIT_DONE : CLI_EXIT_FAILED;
}

static gboolean
check_usage (char **arguments, GError **error)
{
  const char *message = NULL;

  if (root == NULL && *arguments == NULL)
    message = _ ("give a FILE, or --root");
  else if (root == NULL && is_shown)
    message = _ ("--show needs --root");
  else if (root != NULL && (schema != NULL || defaults != NULL))
    message = _ ("--root finds the schema and the defaults: don't give --schema or --over");
  else if (is_shown && g_strv_length (arguments) != 1)
    message = _ ("--show needs the NAME of one configuration");

  if (message != NULL)
    g_set_error_literal (error, CLI_ERROR, CLI_ERROR_USAGE, message);

  return message == NULL;
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  if (!check_usage (arguments, error))
    return CLI_EXIT_FAILED;

  return root != NULL ? check_image (arguments, error) : check_files (arguments);
}

const CliVerb cli_verb_validate = {
  .name = "validate",
  .synopsis = N_ ("FILE… | - | --root=FOLDER [NAME…]"),
  .summary = N_ ("check files, without a service"),
  .description = N_ (
      "Prints each error as compilers do, FILE:LINE:COLUMN: error: MESSAGE, and exits with "
      "status 1 if there is one. A text is checked as the service would read it, and its values "
      "with the schema: that of --schema, or config.schema.yaml beside the file. Overrides are "
      "merged over the defaults that they name, if these exist, or over those of --over, and the "
      "schema beside the defaults is used.\n"
      "\n"
      "With --root, the files of all layers in the image of a system or in a checkout are checked "
      "as the service would use them: FOLDER/usr/share/runconf, FOLDER/var/lib/runconf-fleet, "
      "FOLDER/etc/runconf and FOLDER/var/lib/runconf. A value without effect is an error, too: "
      "one that a lock or the schema forbids.\n"
      "\n"
      "  runconf validate config.yaml\n"
      "  runconf validate --schema config.schema.yaml - < new.yaml\n"
      "  runconf validate --over config.yaml runtime_config.yaml\n"
      "  runconf validate --root image\n"
      "  runconf validate --root image --show chatbot"),
  .max_arguments = CLI_ANY,
  .entries = entries,
  .run = run,
};
