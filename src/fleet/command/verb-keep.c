/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/terminal/output.h"
#include "core/error.h"
#include "fleet/command/verb.h"
#include "fleet/control/controller.h"

/* `runconf fleet keep`: takes up rollouts whose command is gone.
 *
 * It may run on several machines: a rollout has one controller. When this one is killed, the lease of
 * its rollout ends, and another one goes on.
 */

/* The pause between two looks is between one and two of these, so that keepers don't look together. */
#define PAUSE_MS 2000

static gboolean is_undone;

static const GOptionEntry entries[] = {
  { "undo", 0, 0, G_OPTION_ARG_NONE, &is_undone,
    N_ ("Undo such a rollout, instead of going on with it"), NULL },
  { NULL },
};

static void
say (const FleetPlace *place, const char *text)
{
  g_autofree char *line = g_strdup_printf ("%s: %s", place->name, text);

  if (cli_output_is_quiet ())
    return;

  cli_print_line (line);
  cli_output_end (NULL);
}

static gboolean
go_on (const RunconfFleetRollout *rollout, const FleetReach *reach, gpointer data)
{
  return TRUE;
}

static void
say_end (const FleetController *controller, const FleetPlace *place)
{
  const RunconfFleetRollout *rollout = fleet_controller_get_rollout (controller);
  g_autofree char *text = NULL;

  if (rollout->phase == RUNCONF_FLEET_FINISHED)
    text = g_strdup (_ ("finished"));
  else
    text = g_strdup_printf (_ ("undone: %s%s%s"), rollout->host != NULL ? rollout->host : "",
                            rollout->host != NULL ? ": " : "", rollout->reason);
  say (place, text);
}

/* Leads a rollout to its end. Returns: %FALSE with an error */
static gboolean
lead (FleetController *controller, const FleetPlace *place, GError **error)
{
  const RunconfFleetRollout *rollout = fleet_controller_get_rollout (controller);
  g_autofree char *text = g_strdup_printf (
      _ ("taken up at step %u of %u"), (guint) rollout->step + 1, g_strv_length (rollout->steps));
  gboolean is_over;

  say (place, text);
  is_over = is_undone ? fleet_controller_undo (controller, NULL, "its controller was gone", error)
                      : fleet_controller_run (controller, go_on, NULL, error);
  if (is_over)
    say_end (controller, place);

  return is_over;
}

/* Takes a rollout up, unless it has ended, or has a controller. */
static void
take_up (FleetStore *store, const RunconfFleetKey *key)
{
  g_autoptr (FleetPlace) place
      = fleet_place_new (store, RUNCONF_FLEET_KEY_CONFIG, key->name, key->scope);
  g_autoptr (GError) error = NULL;
  g_autoptr (FleetController) controller = fleet_controller_take (store, place, &error);

  if (controller != NULL)
    lead (controller, place, &error);
  if (error != NULL && !g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND)
      && !g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH))
    cli_output_complain (error->message);
}

static gboolean
has_controller (FleetStore *store, const RunconfFleetKey *key)
{
  g_autofree char *text = runconf_fleet_key_for_scope (
      fleet_store_get_prefix (store), RUNCONF_FLEET_KEY_CONTROLLER, key->name, key->scope);

  return fleet_store_get_revision (store, text, NULL) != 0;
}

/* Looks at all rollouts once. Returns: %FALSE with an error */
static gboolean
look (FleetStore *store, GError **error)
{
  const char *prefix = fleet_store_get_prefix (store);
  g_autofree char *rollouts
      = runconf_fleet_key_prefix (prefix, RUNCONF_FLEET_KEY_ROLLOUT, NULL, NULL);
  const RunconfEtcdRangeOptions options = { .keys_only = TRUE };
  g_autoptr (RunconfEtcdRange) range = fleet_store_list (store, rollouts, &options, error);

  for (guint i = 0; range != NULL && i < range->items->len; i++)
    {
      const RunconfEtcdItem *item = range->items->pdata[i];
      g_autoptr (RunconfFleetKey) key = runconf_fleet_key_parse (prefix, item->key);

      if (key != NULL && !has_controller (store, key))
        take_up (store, key);
    }

  return range != NULL;
}

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  FleetStore *store = fleet_session_open (session, error);
  gboolean is_alone = FALSE;

  if (store == NULL)
    return CLI_EXIT_FAILED;

  while (TRUE)
    {
      g_autoptr (GError) failure = NULL;

      /* an outage is told once */
      if (!look (store, &failure) && !is_alone)
        cli_output_complain (failure->message);
      is_alone = failure != NULL;
      g_usleep (1000 * (gulong) g_random_int_range (PAUSE_MS, 2 * PAUSE_MS));
    }
}

const FleetVerb fleet_verb_keep = {
  .name = "keep",
  .summary = N_ ("take up rollouts whose command is gone, until it is stopped"),
  .description = N_ (
      "Goes on with each rollout whose command was killed, or undoes it with --undo, as soon as "
      "its "
      "lease is over. It may run on several machines; one of them leads a rollout, and another one "
      "takes its place. Its user of etcd needs the rights of a command that makes the change.\n"
      "\n"
      "  runconf fleet keep --undo"),
  .entries = entries,
  .run = run,
};
