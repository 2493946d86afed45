/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/edit/draft.h"
#include "cli/edit/editing.h"
#include "core/metadata.h"
#include "fleet/command/change.h"
#include "fleet/command/verb.h"

/* `runconf fleet edit`: edits a document in an editor. */

static char *command;

static const GOptionEntry entries[] = {
  { "editor", 0, 0, G_OPTION_ARG_FILENAME, &command,
    N_ ("The editor to use, instead of $VISUAL or $EDITOR"), N_ ("COMMAND") },
  { NULL },
};

typedef struct
{
  FleetStore *store;
  FleetPlace *place;
  CliMade made;
} Editing;

static gboolean
read_document (gpointer data, CliBase *base, GError **error)
{
  const Editing *self = data;
  g_auto (FleetText) text = { 0 };

  if (!fleet_text_read (&text, self->store, self->place, error))
    return FALSE;

  base->document = runconf_document_ref (text.document);
  base->tree = runconf_metadata_strip (runconf_document_get_root (text.document));
  base->version = (guint64) text.revision;

  return TRUE;
}

static RunconfDocument *
take_draft (const FleetText *base, const FleetPlace *place, gpointer data, GError **error)
{
  CliDraft *draft = data;

  return fleet_text_parse (place, cli_draft_get_text (draft), error);
}

/* Stores the draft if the document still has the version that was edited. The hosts are waited for when
 * the editing is over: a text that is stored needs no copy.
 */
static CliExit
store_document (gpointer data, CliDraft *draft, GError **error)
{
  Editing *self = data;
  const FleetChange change = { .store = self->store,
                               .place = self->place,
                               .kind = "edit",
                               .edit = take_draft,
                               .data = draft,
                               .is_final = TRUE };

  cli_change_options_set_if_version (cli_draft_get_base (draft)->version);
  if (!fleet_change_make (&change, &self->made, error))
    return CLI_EXIT_FAILED;

  return cli_made_print (&self->made);
}

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  g_autoptr (FleetPlace) place = fleet_session_get_place (session, RUNCONF_FLEET_KEY_CONFIG, error);
  Editing self = { .place = place };
  const CliSource source
      = { .name = "config.yaml", .data = &self, .read = read_document, .store = store_document };
  const CliChangeOptions *change = cli_change_options_get ();
  const CliEditingOptions options = { .command = command,
                                      .has_if_version = change->has_if_version,
                                      .if_version = change->if_version,
                                      .is_dry_run = change->dry_run };
  GError *failure = NULL;
  CliExit status;

  if (place == NULL)
    return CLI_EXIT_FAILED;

  self.store = fleet_session_open (session, error);

  status = cli_editing_run (&source, &options, &failure);
  if (failure == NULL)
    status = fleet_change_wait (session, place, &self.made, status, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  cli_made_clear (&self.made);

  return status;
}

const FleetVerb fleet_verb_edit = {
  .name = "edit",
  .summary = N_ ("edit a document in an editor"),
  .description
  = N_ ("Opens the document in $VISUAL, $EDITOR or “editor”. When the editor has ended, "
        "the text is checked and stored as one change, with its comments. If it has an "
        "error, you can edit it again. Changes that were made meanwhile are merged into "
        "your text; where they are in conflict with yours, you are asked which ones to "
        "keep.\n"
        "\n"
        "  runconf fleet edit --group web --message 'for the move'"),
  .entries = entries,
  .has_scope = TRUE,
  .is_change = TRUE,
  .run = run,
};
