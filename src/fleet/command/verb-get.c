/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/value.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"
#include "fleet/control/text.h"
#include "fleet/command/verb.h"

/* `runconf fleet get`: prints a document, or a value of it. */

static gboolean is_schema, is_locks;

static const GOptionEntry entries[] = {
  { "schema", 0, 0, G_OPTION_ARG_NONE, &is_schema, N_ ("Print the schema of the configuration"),
    NULL },
  { "locks", 0, 0, G_OPTION_ARG_NONE, &is_locks, N_ ("Print the locks"), NULL },
  { NULL },
};

static CliExit
miss (const FleetPlace *place, GError **error)
{
  g_set_error (error, CLI_ERROR, CLI_ERROR_NOT_FOUND, _ ("%s: the fleet has no such document yet"),
               place->name);

  return CLI_EXIT_FAILED;
}

static void
print_text (GBytes *bytes)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  cli_print (valid);
}

static CliExit
print_value (const FleetPlace *place, const FleetText *text, const char *pointer, GError **error)
{
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, error);
  const RunconfNode *value
      = path != NULL ? runconf_node_find (runconf_document_get_root (text->document), path, NULL)
                     : NULL;

  if (path == NULL)
    return CLI_EXIT_FAILED;
  if (value == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_NOT_FOUND, _ ("%s: there is no value in %s"),
                   pointer, place->name);
      return CLI_EXIT_FAILED;
    }

  cli_print_value (value);

  return CLI_EXIT_DONE;
}

static CliExit
print_rules (FleetStore *store, const FleetPlace *place, GError **error)
{
  g_autoptr (RunconfEtcdItem) item = fleet_store_get (store, place->key, 0, error);

  if (item == NULL)
    return CLI_EXIT_FAILED;
  if (item->mod_revision == 0)
    return miss (place, error);

  print_text (item->value);

  return CLI_EXIT_DONE;
}

static CliExit
print_document (FleetStore *store, const FleetPlace *place, const char *path, GError **error)
{
  g_auto (FleetText) text = { 0 };

  if (path == NULL && !cli_output_is_json ())
    return print_rules (store, place, error);
  if (!fleet_text_read (&text, store, place, error))
    return CLI_EXIT_FAILED;
  if (text.revision == 0)
    return miss (place, error);

  return print_value (place, &text, path != NULL ? path : "", error);
}

static RunconfFleetKeyType
get_type (void)
{
  if (is_schema)
    return RUNCONF_FLEET_KEY_SCHEMA;

  return is_locks ? RUNCONF_FLEET_KEY_LOCKS : RUNCONF_FLEET_KEY_CONFIG;
}

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  g_autoptr (FleetPlace) place = NULL;
  FleetStore *store;

  if (arguments[0] != NULL && !cli_value_check_path (arguments[0], error))
    return CLI_EXIT_FAILED;

  place = fleet_session_get_place (session, get_type (), error);
  if (place == NULL)
    return CLI_EXIT_FAILED;

  store = fleet_session_open (session, error);
  if (place->type == RUNCONF_FLEET_KEY_CONFIG)
    return print_document (store, place, arguments[0], error);

  return print_rules (store, place, error);
}

const FleetVerb fleet_verb_get = {
  .name = "get",
  .synopsis = N_ ("[PATH]"),
  .summary = N_ ("print a document, or a value of it"),
  .description
  = N_ ("Without PATH the text of the document is printed as it is, comments included. "
        "What a host has in force, “runconf get” and “runconf explain” print on that "
        "host.\n"
        "\n"
        "  runconf fleet get --all\n"
        "  runconf fleet get --group web /workers"),
  .max_arguments = 1,
  .entries = entries,
  .has_scope = TRUE,
  .run = run,
};
