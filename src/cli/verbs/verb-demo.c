/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>

#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gi18n.h>

#include "cli/terminal/delta.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/table.h"
#include "cli/terminal/wrap.h"
#include "cli/verbs/command.h"
#include "cli/verbs/demo-stage.h"
#include "cli/verbs/verb.h"
#include "cli/watch/feed.h"

/* `runconf demo`: shows the other verbs step by step, in a temporary configuration. */

/* in ms, the time for reading a step */
#define PAUSE 3500

/* in ms, the longest wait until a change is reported */
#define PATIENCE 5000

static gboolean is_fast;

static const GOptionEntry entries[] = {
  { "fast", 0, 0, G_OPTION_ARG_NONE, &is_fast, N_ ("Don't pause between the steps"), NULL },
  { NULL },
};

/* A step: an explanation, and a line for the shell, or for the command itself. */
typedef struct
{
  const char *text; /* NULL if the line belongs to the explanation before */
  const char *line;
  guint changes; /* the versions that follow from the line, which the watch reports */
  CliExit status;
} Step;

static const Step steps[] = {
  { N_ ("An application has defaults, a file that Runconf never writes."),
    "grep -A 9 '^chat' config.yaml" },
  { N_ ("Each value has a path. Ask for one, or for a part, or for everything."),
    "runconf get /chat/websocket/port" },
  { N_ ("“runconf watch” runs from here on, as in another terminal: it receives each change, as "
        "the application does. Now override a value, while everything runs."),
    "runconf set /chat/websocket/port 9000", 1 },
  { N_ ("The override is in a file of its own, and is on the disk when the command returns."),
    "grep -A 9 '^chat' runtime_config.yaml" },
  { N_ ("You can also edit this file, with comments. The edit is in force when the file is saved. "
        "(Here sed makes it; “runconf edit” opens your editor, and checks your text.)"),
    "sed -i 's/port: 9000/port: 9100  # behind the proxy/' runtime_config.yaml", 1 },
  { N_ ("Several values at once, as YAML, are one change: all of them or none. Values that the "
        "text leaves out don't change."),
    "runconf merge '{chat: {websocket: {port: 9200}}, llm: {active: groq}}' --message 'try groq'",
    1 },
  { N_ ("Your comment is still there: only changed values are written."),
    "grep -A 9 '^chat' runtime_config.yaml" },
  { N_ ("Where a value comes from, and when it was changed."),
    "runconf describe /chat/websocket/port" },
  { N_ ("Values that the schema beside the defaults doesn't allow are refused, with all reasons, "
        "and nothing is changed."),
    "runconf set /chat/websocket/port 99999 /chat/websocket/host 5", 0, CLI_EXIT_REFUSED },
  { N_ ("In the file, such a value is ignored, and the other values apply."),
    "sed -i 's/port: 9200/port: 99999/' runtime_config.yaml", 1 },
  { NULL, "runconf status" },
  { N_ ("A broken file is put aside, and the service goes on."),
    "echo 'chat: {websocket: [half a save' > runtime_config.yaml", 1 },
  { NULL, "runconf status" },
  { NULL, "grep -h . runtime_config.yaml.corrupt-*" },
  { N_ ("For a mistyped path, the nearest one is suggested."), "runconf get /chat/websocket/prot",
    0, CLI_EXIT_NOT_FOUND },
  { N_ ("The history lists each change, with its user and time."), "runconf history" },
  { N_ ("Revert to an older version, which is a change of its own."), "runconf revert 3", 1 },
  { N_ ("A risky change is reverted automatically, unless you confirm it in time."),
    "runconf set /chat/websocket/host 0.0.0.0 --confirm-timeout 1", 2 },
  { N_ ("Without an override the default is in force again."), "runconf reset /chat", 1 },
};

typedef struct
{
  CliDemoStage *stage;
  GMainLoop *loop;
  gboolean is_over;
  guint changes; /* reported since the step began */
} Demo;

static gboolean
on_timeout (gpointer data)
{
  g_main_loop_quit (data);

  return G_SOURCE_CONTINUE;
}

/* Runs the main loop for the watch, for a time in ms or until a change is reported. */
static void
linger (Demo *self, guint ms)
{
  guint id = g_timeout_add (ms, on_timeout, self->loop);

  g_main_loop_run (self->loop);
  g_source_remove (id);
}

/* Returns: whether the watch reported all changes of a step */
static gboolean
await_changes (Demo *self, guint changes)
{
  guint before = G_MAXUINT;

  while (!self->is_over && self->changes < changes && self->changes != before)
    {
      before = self->changes;
      linger (self, PATIENCE);
    }

  return self->is_over || self->changes >= changes;
}

static void
on_changed (guint64 version, GPtrArray *deltas, gpointer data)
{
  Demo *self = data;

  for (guint i = 0; i < deltas->len; i++)
    {
      g_autofree char *line = cli_delta_format (deltas->pdata[i]);
      g_autofree char *shown = cli_text_make_line (line);

      cli_print_painted (CLI_PAINT_CHANGED, _ ("  the watch prints: "));
      cli_print_line (shown);
    }

  self->changes++;
  g_main_loop_quit (self->loop);
}

static gboolean
on_signal (gpointer data)
{
  Demo *self = data;

  self->is_over = TRUE;
  g_main_loop_quit (self->loop);

  return G_SOURCE_CONTINUE;
}

static void
on_connected (gboolean is_connected, gpointer data)
{
  if (!is_connected)
    on_signal (data);
}

static void
on_closed (gpointer data)
{
  on_signal (data);
}

/* Runs lines for other commands in a shell, in the folder of the demo. */
static gboolean
run_in_shell (Demo *self, const char *line, int *status, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr (GSubprocess) shell = NULL;
  g_autofree char *output = NULL;

  g_subprocess_launcher_set_cwd (launcher, cli_demo_stage_get_folder (self->stage));
  shell = g_subprocess_launcher_spawn (launcher, error, "sh", "-c", line, NULL);
  if (shell == NULL || !g_subprocess_communicate_utf8 (shell, NULL, NULL, &output, NULL, error))
    return FALSE;

  if (output != NULL)
    cli_print (output);
  *status = g_subprocess_get_if_exited (shell) ? g_subprocess_get_exit_status (shell) : -1;

  return TRUE;
}

static gboolean
run_line (Demo *self, const char *line, int *status, GError **error)
{
  g_auto (GStrv) argv = NULL;
  g_autofree char **borrowed = NULL;
  int argc;

  if (!g_str_has_prefix (line, "runconf "))
    return run_in_shell (self, line, status, error);
  if (!g_shell_parse_argv (line, &argc, &argv, error))
    return FALSE;

  /* the option parser removes entries without freeing them */
  borrowed = g_memdup2 (argv, sizeof (char *) * (argc + 1));
  *status = cli_command_perform (cli_demo_stage_get_session (self->stage), argc - 1, borrowed + 1);

  return TRUE;
}

static void
print_step (const Step *step)
{
  g_autofree char *text = step->text != NULL ? cli_wrap (_ (step->text)) : NULL;

  if (text != NULL)
    {
      cli_print_line ("");
      cli_print_painted (CLI_PAINT_HEADING, text);
      cli_print_line ("");
    }
  cli_print_painted (CLI_PAINT_KEY, "$ ");
  cli_print_line (step->line);
}

static gboolean
run_step (Demo *self, const Step *step, GError **error)
{
  int status = 0;

  print_step (step);
  self->changes = 0;
  if (!run_line (self, step->line, &status, error))
    return FALSE;

  if (!self->is_over && (status != (int) step->status || !await_changes (self, step->changes)))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                   _ ("the step didn't have the expected result, which is exit status %d and %u "
                      "changes: %s"),
                   step->status, step->changes, step->line);
      return FALSE;
    }

  if (!cli_output_end (error))
    return FALSE;

  if (cli_output_is_terminal () && !is_fast && !self->is_over)
    linger (self, PAUSE);

  return TRUE;
}

static gboolean
run_steps (Demo *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (steps) && !self->is_over; i++)
    if (!run_step (self, &steps[i], error))
      return FALSE;

  if (self->is_over)
    return TRUE;

  cli_print_line ("");
  cli_print_line (
      cli_demo_stage_is_private (self->stage)
          ? _ ("This is the end of the demo, and its files are removed. “runconf help” lists all "
               "verbs.")
          : _ ("This is the end of the demo. “runconf help” lists all verbs."));

  return TRUE;
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  static char *everything[] = { NULL };
  static const CliFeedEvents events
      = { .changed = on_changed, .connected = on_connected, .closed = on_closed };
  g_autoptr (CliDemoStage) stage = NULL;
  g_autoptr (CliFeed) feed = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Demo self = { .loop = loop };

  if (cli_output_is_json ())
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   _ ("--json: the demo has no output in JSON; leave the option out"));
      return CLI_EXIT_USAGE;
    }

  stage = cli_demo_stage_new (session, error);
  if (stage == NULL)
    return CLI_EXIT_FAILED;

  self.stage = stage;
  feed = cli_feed_new (cli_demo_stage_get_session (stage), everything, &events, &self, error);
  if (feed == NULL)
    return CLI_EXIT_FAILED;

  g_unix_signal_add (SIGINT, on_signal, &self);
  g_unix_signal_add (SIGTERM, on_signal, &self);
  g_unix_signal_add (SIGHUP, on_signal, &self);

  return run_steps (&self, error) ? CLI_EXIT_DONE : CLI_EXIT_FAILED;
}

const CliVerb cli_verb_demo = {
  .name = "demo",
  .summary = N_ ("show the features of Runconf in a minute"),
  .description
  = N_ ("Runs commands on a configuration of its own, in a folder that is removed afterwards, and "
        "shows each command as you would type it. The demo needs no rights and no service.\n"
        "\n"
        "With --session, --system, --address or --offline, the demo runs on that service, for a "
        "configuration like the project's example: in the folder of its defaults and overrides, "
        "before there are any overrides.\n"
        "\n"
        "  runconf demo\n"
        "  runconf demo --fast"),
  .entries = entries,
  .run = run,
};
