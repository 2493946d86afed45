/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/value.h"
#include "fleet/command/change.h"
#include "fleet/command/past.h"
#include "fleet/command/verb.h"

/* `runconf fleet revert`: makes a document what it was. */

typedef struct
{
  FleetStore *store;
  gint64 version;
} Revert;

static RunconfDocument *
take_old_text (const FleetText *base, const FleetPlace *place, gpointer data, GError **error)
{
  const Revert *self = data;

  return fleet_past_get (self->store, place, self->version, error);
}

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  g_autoptr (FleetPlace) place = NULL;
  g_auto (CliMade) made = { 0 };
  Revert revert = { 0 };
  FleetChange change
      = { .kind = "revert", .edit = take_old_text, .data = &revert, .accepts_broken = TRUE };
  guint64 version;

  if (!cli_value_read_version (arguments[0], &version, error))
    return CLI_EXIT_FAILED;

  place = fleet_session_get_place (session, RUNCONF_FLEET_KEY_CONFIG, error);
  if (place == NULL)
    return CLI_EXIT_FAILED;

  revert.version = (gint64) version;
  change.place = place;
  change.store = revert.store = fleet_session_open (session, error);
  if (!fleet_change_make (&change, &made, error))
    return CLI_EXIT_FAILED;

  return fleet_change_finish (session, place, &made, error);
}

const FleetVerb fleet_verb_revert = {
  .name = "revert",
  .synopsis = N_ ("VERSION"),
  .summary = N_ ("go back to an older version of a document"),
  .description
  = N_ ("Restores the text that the document had at VERSION, as a change of its own, "
        "which can be reverted too. “runconf fleet history” lists the versions; 0 is the "
        "time before the first change.\n"
        "\n"
        "  runconf fleet revert --all 42 --message 'as it was'"),
  .min_arguments = 1,
  .max_arguments = 1,
  .has_scope = TRUE,
  .is_change = TRUE,
  .run = run,
};
