/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/text.h"
#include "cli/session/value.h"
#include "cli/terminal/delta.h"
#include "cli/terminal/output.h"
#include "fleet/command/past.h"
#include "fleet/command/verb.h"

/* `runconf fleet diff`: prints the differences between versions of a document, or a file. */

/* Returns: (transfer full): the tree of a version, or %NULL with an error */
static RunconfNode *
read_version (FleetStore *store, const FleetPlace *place, guint64 version, GError **error)
{
  g_autoptr (RunconfDocument) document = fleet_past_get (store, place, (gint64) version, error);

  return document != NULL ? runconf_node_ref (runconf_document_get_root (document)) : NULL;
}

static RunconfNode *
read_now (FleetStore *store, const FleetPlace *place, GError **error)
{
  g_auto (FleetText) text = { 0 };

  return fleet_text_read (&text, store, place, error) ? fleet_text_get_root (&text) : NULL;
}

/* Returns: (transfer full): the newer side of the comparison */
static RunconfNode *
read_second (FleetStore *store, const FleetPlace *place, const char *argument, GError **error)
{
  guint64 version;

  if (argument == NULL)
    return read_now (store, place, error);
  if (!cli_value_read_version (argument, &version, error))
    return NULL;

  return read_version (store, place, version, error);
}

static GPtrArray *
compare (FleetStore *store, const FleetPlace *place, char **arguments, GError **error)
{
  g_autoptr (RunconfNode) before = NULL;
  g_autoptr (RunconfNode) after = NULL;
  guint64 version;

  if (cli_value_read_number (arguments[0], G_MAXINT64, &version))
    {
      before = read_version (store, place, version, error);
      after = before != NULL ? read_second (store, place, arguments[1], error) : NULL;
    }
  else if (arguments[1] != NULL)
    {
      cli_value_read_version (arguments[0], &version, error);
    }
  else
    {
      before = read_now (store, place, error);
      after = before != NULL ? cli_text_read_mapping (arguments[0], error) : NULL;
    }

  return after != NULL ? runconf_diff (before, after) : NULL;
}

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  g_autoptr (FleetPlace) place = fleet_session_get_place (session, RUNCONF_FLEET_KEY_CONFIG, error);
  g_autoptr (GPtrArray) deltas = NULL;

  if (place != NULL)
    deltas = compare (fleet_session_open (session, error), place, arguments, error);
  if (deltas == NULL)
    return CLI_EXIT_FAILED;

  cli_deltas_report (deltas);

  return CLI_EXIT_DONE;
}

const FleetVerb fleet_verb_diff = {
  .name = "diff",
  .synopsis = N_ ("VERSION [VERSION] | FILE"),
  .summary = N_ ("print differences between versions of a document"),
  .description
  = N_ ("Compares an older version of the document with the document; two versions; or "
        "the document with the one after “runconf fleet load FILE”. Each path has a line: "
        "“+” for a new value, “-” for a removed one, “~” for a changed one. A file whose "
        "name is a number is given as ./12.\n"
        "\n"
        "  runconf fleet diff --all 42\n"
        "  runconf fleet diff --all 42 57\n"
        "  runconf fleet diff --group web web.yaml"),
  .min_arguments = 1,
  .max_arguments = 2,
  .has_scope = TRUE,
  .run = run,
};
