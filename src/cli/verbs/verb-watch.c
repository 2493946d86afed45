/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "cli/session/value.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "cli/verbs/verb.h"
#include "cli/watch/feed.h"
#include "cli/watch/runner.h"

/* `runconf watch`: prints changes as they are made, or runs a command for them. */

static gboolean is_initial;

static const GOptionEntry entries[] = {
  { "initial", 0, 0, G_OPTION_ARG_NONE, &is_initial,
    N_ ("Begin with the current values, as if they had just changed"), NULL },
  { NULL },
};

typedef struct
{
  GMainLoop *loop;
  CliRunner *runner; /* NULL without a command */
  GError *error;
} Watcher;

static void
print_json (guint64 version, GPtrArray *deltas)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
  g_autoptr (RunconfMappingBuilder) paths = runconf_mapping_builder_new ();
  g_autoptr (GPtrArray) removed = cli_records_new ();
  g_autoptr (RunconfNode) answer = NULL;

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      if (delta->new_value != NULL)
        cli_record_take (paths, delta->path, runconf_node_ref (delta->new_value));
      else
        g_ptr_array_add (removed, runconf_node_new_string (delta->path, -1));
    }

  cli_record_take (record, "version", runconf_node_new_unsigned (version));
  cli_record_take (record, "paths", cli_record_end (paths));
  cli_record_take (record, "removed", cli_records_end (removed));
  answer = cli_record_end (record);
  cli_print_json_line (answer);
}

/* Lines of removed paths begin with “-”. Other lines begin with the path, thus with a slash, so the
 * two can't be confused.
 */
static void
print (GPtrArray *deltas)
{
  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];
      g_autofree char *path = cli_text_make_line (delta->path);
      g_autofree char *value
          = delta->new_value != NULL ? cli_format_value (delta->new_value) : NULL;

      if (value == NULL)
        {
          cli_print_painted (CLI_PAINT_REMOVED, "- ");
          cli_print_line (path);
          continue;
        }
      cli_print_painted (CLI_PAINT_KEY, path);
      cli_print (": ");
      cli_print_line (value);
    }
}

static void
on_changed (guint64 version, GPtrArray *deltas, gpointer data)
{
  Watcher *self = data;

  if (self->runner != NULL)
    {
      cli_runner_add (self->runner, version, deltas);
      return;
    }

  if (cli_output_is_json ())
    print_json (version, deltas);
  else
    print (deltas);
  if (self->error == NULL && !cli_output_end (&self->error))
    g_main_loop_quit (self->loop);
}

static void
on_connected (gboolean is_connected, gpointer data)
{
  if (!cli_output_is_quiet ())
    cli_output_complain (is_connected
                             ? _ ("the service is back")
                             : _ ("the service has left the bus; waiting until it is back"));
}

static void
on_closed (gpointer data)
{
  Watcher *self = data;

  if (self->error == NULL)
    g_set_error (&self->error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                 _ ("the connection to the bus is closed"));
  g_main_loop_quit (self->loop);
}

static gboolean
end (Watcher *self, int signal_number)
{
  if (self->runner != NULL)
    cli_runner_forward (self->runner, signal_number);
  g_main_loop_quit (self->loop);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer data)
{
  return end (data, SIGINT);
}

static gboolean
on_terminate (gpointer data)
{
  return end (data, SIGTERM);
}

static gboolean
watch (Watcher *self, CliSession *session, char **paths, GError **error)
{
  static const CliFeedEvents events
      = { .changed = on_changed, .connected = on_connected, .closed = on_closed };
  g_autoptr (CliFeed) feed = cli_feed_new (session, paths, &events, self, error);
  guint interrupt_id, terminate_id;

  if (feed == NULL)
    return FALSE;

  interrupt_id = g_unix_signal_add (SIGINT, on_interrupt, self);
  terminate_id = g_unix_signal_add (SIGTERM, on_terminate, self);
  if (is_initial)
    cli_feed_report_all (feed);
  if (self->error == NULL)
    g_main_loop_run (self->loop);
  if (self->runner != NULL)
    cli_runner_finish (self->runner);
  g_source_remove (interrupt_id);
  g_source_remove (terminate_id);

  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));

  return TRUE;
}

/* Ends the paths before the “--”. Returns: (transfer none) (nullable): the command after it */
static char **
split_command (char **arguments)
{
  for (char **argument = arguments; *argument != NULL; argument++)
    {
      if (strcmp (*argument, "--") != 0)
        continue;
      *argument = NULL;
      return argument + 1;
    }

  return NULL;
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (CliRunner) runner = NULL;
  char **command = split_command (arguments);
  Watcher self = { .loop = loop };

  for (char **path = arguments; *path != NULL; path++)
    if (!cli_value_check_path (*path, error))
      return CLI_EXIT_USAGE;

  if (command != NULL && *command == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   _ ("the command after “--” is missing; usage: runconf watch %s"),
                   _ (cli_verb_watch.synopsis));
      return CLI_EXIT_USAGE;
    }

  if (command != NULL)
    {
      self.runner = runner = cli_runner_new (command, error);
      if (runner == NULL)
        return CLI_EXIT_USAGE;
    }

  return watch (&self, session, arguments, error) ? CLI_EXIT_DONE : CLI_EXIT_FAILED;
}

const CliVerb cli_verb_watch = {
  .name = "watch",
  .synopsis = N_ ("[PATH…] [-- COMMAND [ARGUMENT…]]"),
  .summary = N_ ("print changes as they happen"),
  .description
  = N_ ("Prints “PATH: VALUE” for each value that changes at or below one of the paths, which need "
        "not exist yet, and “- PATH” for a removed one; with --json an object on a line for each "
        "change. The watch continues while the service is away, and until it is interrupted.\n"
        "\n"
        "With a COMMAND, it is run for the changes instead, with the changed paths as a JSON array "
        "on its standard input and the version in RUNCONF_VERSION. At most one command runs at a "
        "time: changes that are made meanwhile are combined for the next run.\n"
        "\n"
        "  runconf watch /chat /llm/active\n"
        "  runconf watch /chat -- systemctl reload chatbot\n"
        "  runconf watch --initial /chat -- sh -c 'runconf get /chat > /run/chat.yaml'"),
  .max_arguments = CLI_ANY,
  .entries = entries,
  .takes_command = TRUE,
  .run = run,
};
