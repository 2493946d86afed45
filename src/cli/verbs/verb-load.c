/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/change/change.h"
#include "cli/session/text.h"
#include "cli/session/value.h"
#include "cli/terminal/failure.h"
#include "cli/validate/progress.h"
#include "cli/verbs/verb.h"
#include "core/variant.h"

/* `runconf load`: makes a configuration equal to a file, or replaces the text of its overrides. */

static gboolean is_overrides;

static const GOptionEntry entries[] = {
  { "overrides", 0, 0, G_OPTION_ARG_NONE, &is_overrides,
    N_ ("FILE is the text of the overrides, and is kept as it is, comments included"), NULL },
  { NULL },
};

/* the text is parsed, then the service applies it */
#define N_PARTS 2

/* The work of the thread, while a progress bar is shown. */
typedef struct
{
  CliSession *session;
  const char *file;
  CliProgress progress;
  CliMade made;
  GError *error;
} Load;

static void
load_overrides (Load *self)
{
  g_autoptr (GBytes) text = cli_text_read (self->file, &self->error);
  g_autofree char *copy = NULL;

  if (text == NULL)
    return;

  cli_progress_end_part (&self->progress);
  copy = g_strndup (g_bytes_get_data (text, NULL), g_bytes_get_size (text));
  if (strlen (copy) == g_bytes_get_size (text) && g_utf8_validate (copy, -1, NULL))
    cli_change_make_text (self->session, copy, &self->made, &self->error);
  else
    g_set_error (&self->error, CLI_ERROR, CLI_ERROR_FAILED, _ ("%s: the text isn't valid UTF-8"),
                 self->file);
}

static void
load_configuration (Load *self)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (GBytes) text = cli_text_read (self->file, &self->error);
  g_autoptr (RunconfNode) config = NULL;

  if (text == NULL)
    return;

  cli_progress_begin_part (&self->progress, g_bytes_get_size (text));
  config = cli_text_parse_mapping (text, self->file, &self->progress.position, &self->error);
  if (config == NULL || !cli_value_check_tags (config, self->file, &self->error))
    return;

  runconf_transaction_save (transaction, runconf_node_to_variant (config));
  cli_progress_end_part (&self->progress);
  cli_change_make (self->session, transaction, &self->made, &self->error);
}

static gpointer
work (gpointer data)
{
  if (is_overrides)
    load_overrides (data);
  else
    load_configuration (data);

  return NULL;
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  Load self = { .session = session, .file = arguments[0], .progress = { .n_parts = N_PARTS } };
  CliExit status;

  cli_progress_run (&self.progress, _ ("loading"), work, &self);
  if (self.error != NULL)
    {
      g_propagate_error (error, self.error);
      return CLI_EXIT_FAILED;
    }

  status = cli_made_print (&self.made);
  cli_made_clear (&self.made);

  return status;
}

const CliVerb cli_verb_load = {
  .name = "load",
  .synopsis = N_ ("FILE | -"),
  .summary = N_ ("replace the configuration with a file"),
  .description = N_ ("FILE holds a whole configuration, as “runconf dump” prints it. Only values "
                     "that differ from the defaults become overrides, and values that it leaves "
                     "out get their defaults back, except for secrets.\n"
                     "\n"
                     "  runconf dump > saved.yaml\n"
                     "  runconf load saved.yaml\n"
                     "  runconf load --overrides runtime_config.yaml"),
  .min_arguments = 1,
  .max_arguments = 1,
  .entries = entries,
  .is_change = TRUE,
  .run = run,
};
