/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "cli/session/fleet.h"
#include "cli/terminal/output.h"
#include "cli/verbs/candidates.h"
#include "cli/verbs/help.h"
#include "cli/verbs/line.h"
#include "cli/verbs/verb.h"

/* `runconf complete`: prints the candidates with which a shell completes a command line. */

/* the time after which the completion ends without a result, if a service doesn't reply */
#define PATIENCE_SECONDS 2

static void
on_alarm (int signal_number)
{
  _exit (CLI_EXIT_DONE);
}

/* Replaces “~/”, which a shell would replace before it runs the line. */
static void
expand_home (char **file)
{
  char *typed = *file;

  if (typed == NULL || !g_str_has_prefix (typed, "~/"))
    return;

  *file = g_build_filename (g_get_home_dir (), typed + 2, NULL);
  g_free (typed);
}

/* Returns: whether the options in the line are valid, so that they select a configuration */
static gboolean
read_options (const CliLine *line, CliOptions *options)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  char **argv;
  int argc;

  g_ptr_array_add (words, (gpointer) "runconf");
  g_ptr_array_extend (words, line->global, NULL, NULL);
  argc = (int) words->len;
  g_ptr_array_add (words, NULL);
  argv = (char **) words->pdata;

  return cli_help_parse_global (options, &argc, &argv, NULL) && cli_options_check (options, NULL);
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  g_autoptr (CliLine) line = cli_line_new (arguments);
  g_auto (CliOptions) options = { 0 };
  g_autoptr (CliSession) meant = NULL;
  static const char *const fleet_words[] = { "complete", "--", NULL };

  if (!read_options (line, &options))
    return CLI_EXIT_DONE;

  if (line->rest != NULL)
    {
      cli_fleet_execute (&options, fleet_words, line->rest, NULL);
      return CLI_EXIT_DONE;
    }

  expand_home (&options.offline);
  expand_home (&options.defaults);
  options.quiet = TRUE;
  cli_output_begin (&options);

  signal (SIGALRM, on_alarm);
  alarm (PATIENCE_SECONDS);
  meant = cli_session_new (&options);
  cli_candidates_print (line, &options, meant);
  cli_session_close (meant, NULL);

  return CLI_EXIT_DONE;
}

const CliVerb cli_verb_complete = {
  .name = "complete",
  .synopsis = N_ ("-- WORD…"),
  .summary = N_ ("list the completions of a command line"),
  .description
  = N_ ("The WORDs are those after “runconf” on the line, the last one as far as it was typed. "
        "Prints each word that the last one can become, a tab and a description; for FILES or "
        "COMMANDS, without a tab, the shell completes the name of a file or a command. Completions "
        "that can't be determined are left out.\n"
        "\n"
        "  runconf complete -- get /chat/web"),
  .min_arguments = 1,
  .max_arguments = CLI_ANY,
  .is_for_programs = TRUE,
  .run = run,
};
