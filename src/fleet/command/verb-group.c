/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "fleet/command/verb.h"
#include "fleet/model/group.h"
#include "yaml/emitter.h"

/* `runconf fleet group`: lists groups, and says which hosts are in one. */

static gboolean is_removed;

static const GOptionEntry entries[] = {
  { "remove", 0, 0, G_OPTION_ARG_NONE, &is_removed,
    N_ ("Remove the group; its documents stay, for hosts whose fleetd.yaml names it"), NULL },
  { NULL },
};

/* Returns: (transfer full): the text of a group */
static GBytes *
write_group (char **patterns)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
  g_autoptr (RunconfNode) node = NULL;
  GString *text = g_string_new (NULL);

  cli_record_add_strv (record, "hosts", (const char *const *) patterns);
  node = cli_record_end (record);
  runconf_emit_yaml (text, node);

  return g_string_free_to_bytes (text);
}

static gboolean
check_patterns (char **patterns, GError **error)
{
  GError *reason = NULL;

  for (; *patterns != NULL; patterns++)
    {
      if (runconf_fleet_check_pattern (*patterns, &reason))
        continue;
      reason->domain = CLI_ERROR;
      reason->code = CLI_ERROR_USAGE;
      g_propagate_error (error, reason);
      return FALSE;
    }

  return TRUE;
}

/* A group is replaced as a whole, so a later call wins over an earlier one. */
static CliExit
change_group (FleetStore *store, const char *key, char **patterns, GError **error)
{
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;
  g_autoptr (GBytes) text = write_group (patterns);

  if (is_removed)
    runconf_etcd_txn_delete (txn, key);
  else
    runconf_etcd_txn_put (txn, key, text, 0);
  outcome = fleet_store_commit (store, txn, error);

  return outcome != NULL ? CLI_EXIT_DONE : CLI_EXIT_FAILED;
}

static void
print_records (GPtrArray *names, GPtrArray *groups)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
  g_autoptr (RunconfNode) answer = NULL;

  for (guint i = 0; i < names->len; i++)
    cli_record_add_strv (record, names->pdata[i], groups->pdata[i]);
  answer = cli_record_end (record);
  cli_print_json (answer);
}

static void
print_table (GPtrArray *names, GPtrArray *groups)
{
  g_autoptr (CliTable) table = cli_table_new (2);

  cli_table_set_heading (table, 0, _ ("GROUP"));
  cli_table_set_heading (table, 1, _ ("HOSTS"));
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *hosts = g_strjoinv (" ", groups->pdata[i]);

      cli_table_add (table, names->pdata[i], hosts, NULL);
    }
  cli_table_print (table);
}

static CliExit
list_groups (FleetStore *store, GError **error)
{
  g_autofree char *prefix = runconf_fleet_key_prefix (fleet_store_get_prefix (store),
                                                      RUNCONF_FLEET_KEY_GROUP, NULL, NULL);
  g_autoptr (RunconfEtcdRange) range = fleet_store_list (store, prefix, NULL, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);

  for (guint i = 0; range != NULL && i < range->items->len; i++)
    {
      const RunconfEtcdItem *item = range->items->pdata[i];
      const char *name = fleet_store_shorten (store, item->key);
      char **patterns = runconf_fleet_group_parse (item->value, name, error);

      if (patterns == NULL)
        return CLI_EXIT_FAILED;
      g_ptr_array_add (names, (gpointer) (item->key + strlen (prefix)));
      g_ptr_array_add (groups, patterns);
    }
  if (range == NULL)
    return CLI_EXIT_FAILED;

  if (cli_output_is_json ())
    print_records (names, groups);
  else
    print_table (names, groups);

  return CLI_EXIT_DONE;
}

static gboolean
check_arguments (char **arguments, GError **error)
{
  GError *reason = NULL;

  if (!runconf_fleet_check_name (RUNCONF_FLEET_NAME_GROUP, arguments[0], &reason))
    {
      reason->domain = CLI_ERROR;
      reason->code = CLI_ERROR_USAGE;
      g_propagate_error (error, reason);
      return FALSE;
    }

  if (is_removed == (arguments[1] != NULL))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   is_removed ? _ ("--remove takes no patterns")
                              : _ ("group %s: give the patterns of its hosts, like 'web-*'"),
                   arguments[0]);
      return FALSE;
    }

  return check_patterns (arguments + 1, error);
}

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  g_autofree char *key = NULL;
  FleetStore *store;

  if (arguments[0] != NULL && !check_arguments (arguments, error))
    return CLI_EXIT_FAILED;

  store = fleet_session_open (session, error);
  if (store == NULL)
    return CLI_EXIT_FAILED;
  if (arguments[0] == NULL)
    return list_groups (store, error);

  key = runconf_fleet_key_for_group (fleet_store_get_prefix (store), arguments[0]);

  return change_group (store, key, arguments + 1, error);
}

const FleetVerb fleet_verb_group = {
  .name = "group",
  .synopsis = N_ ("[GROUP PATTERN…]"),
  .summary = N_ ("list the groups, or say which hosts are in one"),
  .description = N_ ("The patterns are compared with the names of hosts: “*” stands for any "
                     "characters, “?” for one. Besides, a host is in the groups that its own "
                     "fleetd.yaml names.\n"
                     "\n"
                     "  runconf fleet group\n"
                     "  runconf fleet group web 'web-*' proxy1\n"
                     "  runconf fleet group web --remove"),
  .max_arguments = FLEET_ANY,
  .entries = entries,
  .run = run,
};
