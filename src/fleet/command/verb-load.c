/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/text.h"
#include "cli/terminal/failure.h"
#include "core/error.h"
#include "fleet/command/change.h"
#include "fleet/command/verb.h"
#include "layers/locks.h"

/* `runconf fleet load`: replaces a text of the fleet by a file. */

static gboolean is_schema, is_locks;

static const GOptionEntry entries[] = {
  { "schema", 0, 0, G_OPTION_ARG_NONE, &is_schema,
    N_ ("FILE is the schema of the configuration, for all hosts"), NULL },
  { "locks", 0, 0, G_OPTION_ARG_NONE, &is_locks,
    N_ ("FILE has the paths that no stronger layer may set, one a line"), NULL },
  { NULL },
};

/* The file and its text. */
typedef struct
{
  const char *file;
  GBytes *text;
} Load;

static RunconfDocument *
parse_file (const FleetText *base, const FleetPlace *place, gpointer data, GError **error)
{
  const Load *self = data;

  return runconf_document_new (self->text, self->file, error);
}

static CliExit
load_document (FleetSession *session, Load *load, GError **error)
{
  FleetChange change = { .kind = "load", .edit = parse_file, .data = load, .accepts_broken = TRUE };

  return fleet_change_apply (session, &change, error);
}

static gboolean
check_locks (const Load *load, GError **error)
{
  g_autoptr (RunconfLocks) locks = runconf_locks_new ();
  g_autofree char *errors = NULL;

  runconf_locks_add (locks, RUNCONF_LAYER_FLEET, load->file, load->text);
  errors = runconf_locks_describe_errors (locks);
  if (errors == NULL || *errors == '\0')
    return TRUE;

  g_set_error_literal (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, errors);

  return FALSE;
}

static CliExit
load_rules (FleetSession *session, const Load *load, GError **error)
{
  RunconfFleetKeyType type = is_schema ? RUNCONF_FLEET_KEY_SCHEMA : RUNCONF_FLEET_KEY_LOCKS;
  g_autoptr (FleetPlace) place = fleet_session_get_place (session, type, error);
  g_auto (CliMade) made = { 0 };
  gboolean is_right;

  if (place == NULL)
    return CLI_EXIT_FAILED;

  is_right = is_schema ? fleet_schema_check_text (load->text, load->file, error)
                       : check_locks (load, error);
  if (!is_right
      || !fleet_change_put (fleet_session_open (session, error), place, load->text, &made, error))
    return CLI_EXIT_FAILED;

  return fleet_change_finish (session, place, &made, error);
}

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  g_autoptr (GBytes) text = cli_text_read (arguments[0], error);
  Load load = { .file = g_str_equal (arguments[0], "-") ? _ ("standard input") : arguments[0],
                .text = text };

  if (text == NULL)
    return CLI_EXIT_FAILED;

  if (is_schema && is_locks)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   _ ("--schema and --locks exclude each other: load one file after the other"));
      return CLI_EXIT_FAILED;
    }

  return is_schema || is_locks ? load_rules (session, &load, error)
                               : load_document (session, &load, error);
}

const FleetVerb fleet_verb_load = {
  .name = "load",
  .synopsis = N_ ("FILE"),
  .summary = N_ ("replace a document by a file"),
  .description = N_ ("The text of FILE becomes the document as it is, comments included; “-” is "
                     "standard input. A schema and locks are loaded in the same way.\n"
                     "\n"
                     "  runconf fleet load --group web web.yaml --message 'from the repository'\n"
                     "  runconf fleet load --schema config.schema.yaml\n"
                     "  runconf fleet load --all --locks locks"),
  .min_arguments = 1,
  .max_arguments = 1,
  .entries = entries,
  .has_scope = TRUE,
  .is_change = TRUE,
  .run = run,
};
