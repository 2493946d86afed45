/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

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

/* The line: its options, its verb, and the word to complete. The options are found in the tables
 * that the parser and the help use, too.
 */
typedef struct
{
  const FleetVerb *verb;
  FleetOptions options;
  GOptionEntry *global; /* the options of all verbs, which are stored in @options */
  GOptionEntry *scope;  /* those that name hosts, which are stored there, too */
  const char *word;
  const GOptionEntry *before; /* the option whose argument the word is, or NULL */
  guint n_arguments;          /* of the verb, before the word */
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
add_entries (GPtrArray *options, const GOptionEntry *entries)
{
  for (; entries != NULL && entries->long_name != NULL; entries++)
    g_ptr_array_add (options, (gpointer) entries);
}

/* Returns: (transfer container) (element-type GOptionEntry): the options that are allowed */
static GPtrArray *
list_options (const Line *self)
{
  GPtrArray *options = g_ptr_array_new ();
  const FleetVerb *verb = self->verb;

  if (verb != NULL && verb->has_scope)
    add_entries (options, self->scope);
  if (verb != NULL)
    add_entries (options, verb->entries);
  if (verb != NULL && verb->is_change)
    {
      add_entries (options, fleet_verb_get_change_entries ());
      add_entries (options, fleet_wait_get_entries ());
    }
  add_entries (options, self->global);

  return options;
}

static void
print_options (const Line *line)
{
  g_autoptr (GPtrArray) options = list_options (line);

  for (guint i = 0; i < options->len; i++)
    {
      const GOptionEntry *entry = options->pdata[i];
      g_autofree char *name = g_strdup_printf ("--%s", entry->long_name);

      if (line->verb == NULL || strcmp (entry->long_name, "version") != 0)
        print_candidate (line, name, _ (entry->description));
    }
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
  g_autoptr (FleetSurvey) survey = store != NULL ? fleet_survey_new (store, 0, NULL) : NULL;

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

static void
print_argument_of_option (const Line *line, FleetSession *session)
{
  const char *kind = line->before->arg_description;

  if (g_strcmp0 (kind, "GROUP") == 0)
    print_groups (line, session);
  else if (g_strcmp0 (kind, "HOST") == 0)
    print_hosts (line, session);
  else if (g_strcmp0 (kind, "FILE") == 0)
    cli_print_line ("FILES");
}

static void
print_all (const Line *line, FleetSession *session)
{
  if (line->before != NULL)
    print_argument_of_option (line, session);
  else if (*line->word == '-')
    print_options (line);
  else if (line->verb == NULL)
    print_verbs (line);
  else
    print_argument (line, session);
}

/* Returns: (nullable): the option that a word is */
static const GOptionEntry *
find_option (const Line *self, const char *word)
{
  g_autoptr (GPtrArray) options = list_options (self);

  for (guint i = 0; word[0] == '-' && i < options->len; i++)
    {
      const GOptionEntry *entry = options->pdata[i];
      gboolean is_short = entry->short_name != 0 && word[1] == entry->short_name && word[2] == '\0';

      if (is_short || (word[1] == '-' && strcmp (word + 2, entry->long_name) == 0))
        return entry;
    }

  return NULL;
}

/* The options that a verb has itself decide about no candidates. */
static void
take_option (Line *self, const GOptionEntry *entry, const char *argument)
{
  gpointer place = entry->arg_data;

  if (place < (gpointer) &self->options || place >= (gpointer) (&self->options + 1))
    return;

  if (entry->arg == G_OPTION_ARG_NONE)
    {
      *(gboolean *) place = TRUE;
      return;
    }

  g_free (*(char **) place);
  *(char **) place = g_strdup (argument);
}

static gboolean
takes_argument (const GOptionEntry *entry)
{
  return entry->arg != G_OPTION_ARG_NONE && (entry->flags & G_OPTION_FLAG_OPTIONAL_ARG) == 0;
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
      const GOptionEntry *entry = find_option (self, *words);

      if (entry != NULL && takes_argument (entry) && words[2] == NULL)
        self->before = entry;
      else if (entry != NULL)
        take_option (self, entry, takes_argument (entry) ? *++words : NULL);
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
  line.global = fleet_options_make_entries (&line.options, TRUE);
  line.scope = fleet_options_make_scope_entries (&line.options);
  read_words (&line, arguments);
  meant = fleet_session_new (&line.options);
  print_all (&line, meant);
  fleet_options_clear (&line.options);
  g_free (line.global);
  g_free (line.scope);

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
