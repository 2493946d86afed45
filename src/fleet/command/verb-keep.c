/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/terminal/output.h"
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
say (const FleetPlace *place, const char *text, gpointer data)
{
  g_autofree char *line = g_strdup_printf ("%s: %s", place->name, text);

  if (cli_output_is_quiet ())
    return;

  cli_print_line (line);
  cli_output_end (NULL);
}

/* Takes a rollout up, if its controller is gone. */
static void
keep (FleetStore *store, const RunconfFleetKey *key)
{
  g_autoptr (GError) error = NULL;

  if (!fleet_rollout_keep (store, key, is_undone, say, NULL, &error))
    cli_output_complain (error->message);
}

/* Takes a rollout up, unless @keys has the key of its controller. */
static void
keep_without_controller (FleetStore *store, const RunconfFleetKey *key, GHashTable *keys)
{
  g_autofree char *controller = runconf_fleet_key_for_scope (
      fleet_store_get_prefix (store), RUNCONF_FLEET_KEY_CONTROLLER, key->name, key->scope);

  if (!g_hash_table_contains (keys, controller))
    keep (store, key);
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
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);

  if (range == NULL)
    return FALSE;

  for (guint i = 0; i < range->items->len; i++)
    g_hash_table_add (keys, ((RunconfEtcdItem *) range->items->pdata[i])->key);

  for (guint i = 0; i < range->items->len; i++)
    {
      const RunconfEtcdItem *item = range->items->pdata[i];
      g_autoptr (RunconfFleetKey) key = runconf_fleet_key_parse (prefix, item->key);

      if (key != NULL && key->type == RUNCONF_FLEET_KEY_ROLLOUT)
        keep_without_controller (store, key, keys);
    }

  return TRUE;
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
  .description
  = N_ ("Goes on with each rollout whose command was killed, or undoes it with --undo, as soon as "
        "its lease is over. Agents do that, too; this command is for a fleet whose agents may only "
        "read. It may run on several machines; one of them leads a rollout, and another one "
        "takes its place. Its user of etcd needs the rights of a command that makes the change.\n"
        "\n"
        "  runconf fleet keep --undo"),
  .entries = entries,
  .run = run,
};
