/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/session/text.h"
#include "cli/session/value.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/validate/progress.h"
#include "core/error.h"
#include "fleet/command/change.h"
#include "fleet/command/verb.h"
#include "fleet/control/controller.h"

/* `runconf fleet rollout`: makes a change step by step. */

#define DEFAULT_STEPS "1,10%,50%,100%"
#define DEFAULT_SOAK 30
#define MAX_SOAK (24 * 60 * 60)

static char *steps;
static char *soak;
static char *file;
static gboolean is_resumed, is_undone;

static const GOptionEntry entries[] = {
  { "steps", 0, 0, G_OPTION_ARG_FILENAME, &steps,
    N_ ("How many hosts each step reaches: numbers or shares (1,10%,50%,100%)"), N_ ("STEPS") },
  { "soak", 0, 0, G_OPTION_ARG_FILENAME, &soak,
    N_ ("How long the hosts of a step are watched before the next one (30s)"), N_ ("TIME") },
  { "file", 'f', 0, G_OPTION_ARG_FILENAME, &file,
    N_ ("The new text of the document is that of FILE"), N_ ("FILE") },
  { "resume", 0, 0, G_OPTION_ARG_NONE, &is_resumed,
    N_ ("Take up a rollout whose command was ended"), NULL },
  { "undo", 0, 0, G_OPTION_ARG_NONE, &is_undone, N_ ("Undo a rollout whose command was ended"),
    NULL },
  { NULL },
};

/* The last step that was told, and whether the bar is shown. */
typedef struct
{
  gint64 step;
  gboolean is_shown;
} Teller;

static volatile sig_atomic_t is_interrupted;

static void
on_interrupt (int signal_number)
{
  is_interrupted = TRUE;
}

static gboolean
read_soak (gint64 *seconds, GError **error)
{
  gsize length = soak != NULL ? strlen (soak) : 0;
  guint64 unit = 1, number = DEFAULT_SOAK;
  g_autofree char *digits = NULL;

  if (soak != NULL)
    {
      gboolean has_unit = length > 0 && strchr ("smh", soak[length - 1]) != NULL;

      if (has_unit)
        unit = soak[length - 1] == 's' ? 1 : soak[length - 1] == 'm' ? 60 : 3600;
      digits = g_strndup (soak, has_unit ? length - 1 : length);
      if (!cli_value_read_number (digits, MAX_SOAK / unit, &number))
        {
          g_set_error (
              error, CLI_ERROR, CLI_ERROR_USAGE,
              _ ("--soak %s: a time is a number of seconds, or like 30s, 10m or 2h, up to a "
                 "day"),
              soak);
          return FALSE;
        }
    }
  *seconds = (gint64) (number * unit);

  return TRUE;
}

/* Returns: (transfer full): a rollout without a text, or %NULL with an error */
static RunconfFleetRollout *
make_rollout (FleetStore *store, GError **error)
{
  g_autoptr (RunconfFleetRollout) rollout = runconf_fleet_rollout_new ();
  g_autoptr (GError) reason = NULL;

  rollout->author = fleet_store_get_author (store);
  rollout->message = g_strdup (cli_change_options_get ()->message);
  if (!read_soak (&rollout->soak, error))
    return NULL;

  g_strfreev (rollout->steps);
  rollout->steps = fleet_steps_new (steps != NULL ? steps : DEFAULT_STEPS, &reason);
  if (rollout->steps != NULL)
    return g_steal_pointer (&rollout);

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--steps: %s", reason->message);

  return NULL;
}

/* Takes the text of the file: a FleetEdit. */
static RunconfDocument *
take_file (const FleetText *base, const FleetPlace *place, gpointer data, GError **error)
{
  g_autoptr (GBytes) text = cli_text_read (file, error);

  return text != NULL ? runconf_document_new (text, file, error) : NULL;
}

static void
report_step (Teller *self, const RunconfFleetRollout *rollout, const FleetReach *reach)
{
  g_autofree char *line = NULL;

  if (self->step == rollout->step || cli_output_is_json () || cli_output_is_quiet ())
    return;

  self->step = rollout->step;
  line = g_strdup_printf (_ ("step %u of %u: %u of %u hosts"), (guint) rollout->step + 1,
                          g_strv_length (rollout->steps), reach->n_wanted, reach->n_hosts);
  if (self->is_shown)
    cli_progress_erase ();
  cli_print_line (line);
  cli_output_end (NULL);
}

static gboolean
tell (const RunconfFleetRollout *rollout, const FleetReach *reach, gpointer data)
{
  Teller *self = data;
  CliProgress progress = { .part = (gint) reach->n_reached, .n_parts = (gint) reach->n_hosts };

  report_step (self, rollout, reach);
  if (cli_output_can_show_progress ())
    {
      self->is_shown = TRUE;
      cli_progress_draw (&progress, reach->is_soaking ? _ ("watching") : _ ("spreading"));
    }

  return !is_interrupted;
}

static void
print_json (const RunconfFleetRollout *rollout, gint64 revision)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
  gboolean is_finished = rollout->phase == RUNCONF_FLEET_FINISHED;
  g_autoptr (RunconfNode) answer = NULL;

  cli_record_add_text (record, "phase", is_finished ? "finished" : "undone");
  if (is_finished)
    cli_record_take (record, "version", runconf_node_new_integer (revision));
  if (rollout->host != NULL)
    cli_record_add_text (record, "host", rollout->host);
  if (rollout->reason != NULL)
    cli_record_add_text (record, "reason", rollout->reason);
  answer = cli_record_end (record);
  cli_print_json (answer);
}

/* Prints the end of a rollout. Returns: the exit status */
static CliExit
conclude (const FleetController *controller, const FleetPlace *place, GError **error)
{
  const RunconfFleetRollout *rollout = fleet_controller_get_rollout (controller);
  gint64 revision = fleet_controller_get_revision (controller);
  g_autofree char *version = cli_format_number ((guint64) revision);
  g_autofree char *line = NULL;

  if (cli_output_is_json ())
    print_json (rollout, revision);
  if (rollout->phase != RUNCONF_FLEET_FINISHED)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_FAILED,
                   _ ("%s: the rollout is undone: %s%s%s"), place->name,
                   rollout->host != NULL ? rollout->host : "", rollout->host != NULL ? ": " : "",
                   rollout->reason);
      return CLI_EXIT_FAILED;
    }

  line = g_strdup_printf (_ ("finished (version %s)"), version);
  if (!cli_output_is_json () && !cli_output_is_quiet ())
    cli_print_line (line);

  return CLI_EXIT_DONE;
}

/* An interrupt undoes the rollout, from before it begins. */
static void
catch_interrupts (void)
{
  signal (SIGINT, on_interrupt);
  signal (SIGTERM, on_interrupt);
}

/* @controller: (transfer full) (nullable): the controller; %NULL with an error */
static CliExit
lead (FleetController *controller, const FleetPlace *place, GError **error)
{
  g_autoptr (FleetController) owned = controller;
  Teller teller = { .step = -1 };
  gboolean is_over;

  if (controller == NULL)
    return CLI_EXIT_FAILED;

  if (is_undone)
    is_over = fleet_controller_undo (controller, NULL, "a user undid it", error);
  else if (is_interrupted)
    is_over = fleet_controller_undo (controller, NULL, "it was interrupted", error);
  else
    is_over = fleet_controller_run (controller, tell, &teller, error);
  if (teller.is_shown)
    cli_progress_erase ();
  if (!is_over)
    {
      /* else another controller leads it */
      if (!g_error_matches (*error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH))
        fleet_failure_add_hint (
            *error,
            _ ("the rollout may still run: then add --resume or --undo, unless an agent does"));
      return CLI_EXIT_FAILED;
    }

  return is_undone ? CLI_EXIT_DONE : conclude (controller, place, error);
}

/* Says what the rollout would do. */
static CliExit
print_plan (const RunconfFleetRollout *rollout, const CliMade *made)
{
  for (char **step = rollout->steps; *step != NULL; step++)
    {
      g_autofree char *line = g_strdup_printf (_ ("step: %s of the hosts, watched for %u seconds"),
                                               *step, (guint) rollout->soak);

      if (!cli_output_is_json ())
        cli_print_line (line);
    }

  return cli_made_print (made);
}

/* Begins the rollout of a change that is prepared. */
static CliExit
begin (const FleetChange *change, RunconfFleetRollout *rollout, GError **error)
{
  g_autoptr (RunconfFleetRollout) owned = rollout;
  g_auto (FleetPrepared) prepared = { 0 };
  g_auto (CliMade) made = { 0 };
  GBytes *text;

  if (!fleet_change_prepare (change, &prepared, &made, error))
    return CLI_EXIT_FAILED;
  if (cli_change_options_get ()->dry_run)
    return print_plan (rollout, &made);
  if (!made.is_change)
    return cli_made_print (&made);

  text = runconf_document_get_text (prepared.next);
  rollout->before = prepared.base.revision;
  rollout->text = g_strndup (g_bytes_get_data (text, NULL), g_bytes_get_size (text));

  catch_interrupts ();

  return lead (
      fleet_controller_begin (change->store, change->place, g_steal_pointer (&owned), error),
      change->place, error);
}

static CliExit
start (FleetStore *store, const FleetPlace *place, char **arguments, GError **error)
{
  g_autoptr (GPtrArray) operations
      = fleet_change_read_pairs (RUNCONF_VERB_SET, arguments, FALSE, error);
  RunconfFleetRollout *rollout = operations != NULL ? make_rollout (store, error) : NULL;
  const FleetChange change = { .store = store,
                               .place = place,
                               .edit = file != NULL ? take_file : fleet_change_edit,
                               .data = operations,
                               .accepts_broken = file != NULL };

  return rollout != NULL ? begin (&change, rollout, error) : CLI_EXIT_FAILED;
}

static gboolean
check_arguments (char **arguments, GError **error)
{
  gboolean has_change = file != NULL || arguments[0] != NULL;

  if (is_resumed + is_undone + has_change == 1 && (file == NULL || arguments[0] == NULL))
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               _ ("give one of PATH VALUE…, --file FILE, --resume and --undo"));

  return FALSE;
}

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  g_autoptr (FleetPlace) place = NULL;
  FleetStore *store;

  if (!check_arguments (arguments, error))
    return CLI_EXIT_FAILED;

  place = fleet_session_get_place (session, RUNCONF_FLEET_KEY_CONFIG, error);
  if (place == NULL)
    return CLI_EXIT_FAILED;

  store = fleet_session_open (session, error);
  if (!is_resumed && !is_undone)
    return start (store, place, arguments, error);

  catch_interrupts ();

  return lead (fleet_controller_take (store, place, error), place, error);
}

const FleetVerb fleet_verb_rollout = {
  .name = "rollout",
  .synopsis = N_ ("PATH VALUE [PATH VALUE…] | --file FILE | --resume | --undo"),
  .summary = N_ ("make a change step by step, and undo it if a host has a problem"),
  .description = N_ (
      "The change reaches the hosts of the first step, and goes on to the next one if all of them "
      "stay well for the time of the soak: their runconfd's State is “ok”, no document is refused, "
      "and the health command of their agent succeeds. Otherwise all hosts get the old text again. "
      "Ctrl+C undoes the rollout. If the command is killed, hosts stay as they are for 10 seconds, "
      "and the agent of a host goes on at the same step if it may. --resume and --undo do that by "
      "hand.\n"
      "\n"
      "  runconf fleet rollout --all --steps 1,10%,50%,100% --soak 30s /workers 16\n"
      "  runconf fleet rollout --group web --file web.yaml --message 'new limits'"),
  .max_arguments = FLEET_ANY,
  .entries = entries,
  .has_scope = TRUE,
  .is_change = TRUE,
  .takes_values = TRUE,
  .run = run,
};
