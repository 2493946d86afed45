/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/terminal/output.h"
#include "cli/terminal/table.h"
#include "core/mapping.h"
#include "fleet/control/survey.h"
#include "fleet/control/text.h"
#include "fleet/command/verb.h"
#include "fleet/command/wait.h"

/* `runconf fleet complete`: prints the candidates with which a shell completes a command line. Its
 * words are those after `runconf fleet`. Candidates that can't be found out are left out.
 */

/* the time after which the completion ends without a result, if etcd doesn't reply */
#define PATIENCE_SECONDS 2

#define MAX_WIDTH 80

/* The line: its options, its verb, and the word to complete. */
typedef struct
{
  const FleetVerb *verb;
  FleetOptions options;
  const char *word;
  const char *before; /* the option whose argument the word is, without dashes, or NULL */
  guint n_arguments;  /* of the verb, before the word */
} Line;

static void
on_alarm (int signal_number)
{
  _exit (CLI_EXIT_DONE);
}

static void
print_candidate (const Line *line, const char *candidate, const char *description)
{
  g_autofree char *whole = cli_text_make_line (description != NULL ? description : "");
  g_autofree char *shown = cli_text_shorten (whole, MAX_WIDTH);
  g_autofree char *text = NULL;

  if (!g_str_has_prefix (candidate, line->word))
    return;

  text = g_strdup_printf ("%s\t%s", candidate, shown);
  cli_print_line (text);
}

static void
print_entries (const Line *line, const GOptionEntry *entries)
{
  for (; entries != NULL && entries->long_name != NULL; entries++)
    {
      g_autofree char *name = g_strdup_printf ("--%s", entries->long_name);

      if (strcmp (entries->long_name, "confirm-timeout") != 0)
        print_candidate (line, name, _ (entries->description));
    }
}

static void
print_options (const Line *line)
{
  FleetOptions unused = { 0 };
  g_autofree GOptionEntry *global = fleet_options_make_entries (&unused, line->verb == NULL);
  g_autofree GOptionEntry *scope = fleet_options_make_scope_entries (&unused);

  if (line->verb != NULL && line->verb->has_scope)
    print_entries (line, scope);
  if (line->verb != NULL)
    print_entries (line, line->verb->entries);
  if (line->verb != NULL && line->verb->is_change)
    {
      print_entries (line, cli_change_options_get_entries ());
      print_entries (line, fleet_wait_get_entries ());
    }
  print_entries (line, global);
}

static void
print_verbs (const Line *line)
{
  guint n_verbs;
  const FleetVerb *const *verbs = fleet_verbs_get (&n_verbs);

  for (guint i = 0; i < n_verbs; i++)
    if (!verbs[i]->is_for_programs)
      print_candidate (line, verbs[i]->name, _ (verbs[i]->summary));
  print_candidate (line, "help", NULL);
}

static void
print_hosts (const Line *line, FleetSession *session)
{
  FleetStore *store = fleet_session_open (session, NULL);
  g_autoptr (FleetSurvey) survey = store != NULL ? fleet_survey_new (store, NULL) : NULL;

  for (guint i = 0; survey != NULL && i < survey->hosts->len; i++)
    {
      const FleetHost *host = survey->hosts->pdata[i];

      print_candidate (line, host->name, host->status != NULL ? NULL : "gone");
    }
}

static void
print_groups (const Line *line, FleetSession *session)
{
  FleetStore *store = fleet_session_open (session, NULL);
  g_autofree char *prefix = NULL;
  g_autoptr (RunconfEtcdRange) range = NULL;

  if (store == NULL)
    return;

  prefix = runconf_fleet_key_prefix (fleet_store_get_prefix (store), RUNCONF_FLEET_KEY_GROUP, NULL,
                                     NULL);
  range = fleet_store_list (store, prefix, NULL, NULL);
  for (guint i = 0; range != NULL && i < range->items->len; i++)
    print_candidate (
        line, ((const RunconfEtcdItem *) range->items->pdata[i])->key + strlen (prefix), NULL);
}

/* Prints the paths of the document one level below the word, as long as it is typed. */
static void
print_paths (const Line *line, FleetSession *session)
{
  g_autoptr (FleetPlace) place = fleet_session_get_place (session, RUNCONF_FLEET_KEY_CONFIG, NULL);
  const char *slash = strrchr (line->word, '/');
  g_autofree char *parent
      = slash != NULL ? g_strndup (line->word, (gsize) (slash - line->word)) : NULL;
  g_autoptr (RunconfPath) path = parent != NULL ? runconf_path_new (parent, NULL) : NULL;
  g_auto (FleetText) text = { 0 };
  const RunconfNode *node;

  if (place == NULL || path == NULL
      || !fleet_text_read (&text, fleet_session_open (session, NULL), place, NULL))
    return;

  node = runconf_node_find (runconf_document_get_root (text.document), path, NULL);
  for (guint i = 0;
       node != NULL && runconf_node_is_mapping (node) && i < runconf_node_get_length (node); i++)
    {
      g_autoptr (GString) pointer = g_string_new (parent);

      runconf_path_append (pointer, runconf_mapping_get_key (node, i, NULL));
      print_candidate (line, pointer->str, NULL);
    }
}

static void
print_argument (const Line *line, FleetSession *session)
{
  const char *synopsis = line->verb->synopsis;
  gboolean is_path = synopsis != NULL && strstr (synopsis, "PATH") != NULL;
  gboolean has_values = synopsis != NULL && strstr (synopsis, "VALUE") != NULL;

  if (is_path && (!has_values || line->n_arguments % 2 == 0))
    print_paths (line, session);
  if (synopsis != NULL && strstr (synopsis, "FILE") != NULL)
    cli_print_line ("FILES");
}

static gboolean
is_file (const char *option)
{
  static const char *const options[] = { "-f", "--file", "--config", "--password-file", NULL };

  return g_strv_contains (options, option);
}

static void
print_all (const Line *line, FleetSession *session)
{
  if (g_strcmp0 (line->before, "--group") == 0)
    print_groups (line, session);
  else if (g_strcmp0 (line->before, "--host") == 0 || g_strcmp0 (line->before, "--forget") == 0)
    print_hosts (line, session);
  else if (line->before != NULL && is_file (line->before))
    cli_print_line ("FILES");
  else if (line->before != NULL)
    return;
  else if (*line->word == '-')
    print_options (line);
  else if (line->verb == NULL)
    print_verbs (line);
  else
    print_argument (line, session);
}

/* The options that have an argument, and decide about candidates. */
static char **
find_option (Line *self, const char *word)
{
  if (strcmp (word, "--group") == 0)
    return &self->options.group;
  if (strcmp (word, "--host") == 0)
    return &self->options.host;
  if (strcmp (word, "--endpoints") == 0)
    return &self->options.endpoints;
  if (strcmp (word, "--config") == 0)
    return &self->options.config;
  if (strcmp (word, "--prefix") == 0)
    return &self->options.prefix;
  if (strcmp (word, "--user") == 0)
    return &self->options.user;
  if (strcmp (word, "--password-file") == 0)
    return &self->options.password_file;
  if (strcmp (word, "-c") == 0 || strcmp (word, "--configuration") == 0)
    return &self->options.common.configuration;

  return NULL;
}

static gboolean
takes_other_argument (const char *word)
{
  static const char *const options[]
      = { "-f",        "--file",  "--at", "--message", "-m",       "--editor", "--if-version",
          "--timeout", "--limit", "-l",   "--color",   "--forget", NULL };

  return g_strv_contains (options, word);
}

static void
read_plain (Line *self, const char *word)
{
  if (self->verb != NULL)
    self->n_arguments++;
  else if (strcmp (word, "help") != 0)
    self->verb = fleet_verb_find (word, NULL);
}

static void
read_words (Line *self, char **words)
{
  for (; words[1] != NULL; words++)
    {
      char **place = find_option (self, *words);

      self->before = place != NULL || takes_other_argument (*words) ? *words : NULL;
      if (self->before != NULL && words[2] != NULL)
        {
          words++;
          self->before = NULL;
          if (place != NULL)
            {
              g_free (*place);
              *place = g_strdup (*words);
            }
        }
      else if (strcmp (*words, "--all") == 0)
        self->options.all = TRUE;
      else if (**words != '-')
        read_plain (self, *words);
    }
  self->word = *words;
}

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  Line line = { 0 };
  g_autoptr (FleetSession) meant = NULL;
  const FleetOptions *options = fleet_session_get_options (session);

  signal (SIGALRM, on_alarm);
  alarm (PATIENCE_SECONDS);
  line.options.common.configuration = g_strdup (options->common.configuration);
  read_words (&line, arguments);
  meant = fleet_session_new (&line.options);
  print_all (&line, meant);
  fleet_options_clear (&line.options);

  return CLI_EXIT_DONE;
}

const FleetVerb fleet_verb_complete = {
  .name = "complete",
  .synopsis = N_ ("-- WORD…"),
  .summary = N_ ("list the completions of a command line"),
  .description
  = N_ ("The WORDs are those after “runconf fleet” on the line, the last one as far as it "
        "was typed."),
  .min_arguments = 1,
  .max_arguments = FLEET_ANY,
  .is_for_programs = TRUE,
  .run = run,
};
