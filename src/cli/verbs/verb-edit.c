/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/change/change.h"
#include "cli/edit/draft.h"
#include "cli/edit/editing.h"
#include "cli/terminal/failure.h"
#include "cli/verbs/verb.h"
#include "core/merge.h"
#include "core/metadata.h"
#include "core/variant.h"
#include "layers/files.h"

/* `runconf edit`: edits the overrides in an editor, until the service accepts them or the user
 * stops.
 */

#define MAX_TRIES 10

static char *command;

static const GOptionEntry entries[] = {
  { "editor", 0, 0, G_OPTION_ARG_FILENAME, &command,
    N_ ("The editor to use, instead of $VISUAL or $EDITOR"), N_ ("COMMAND") },
  { NULL },
};

static gboolean
is_denied (const GError *error)
{
  return g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED);
}

static char *
dump (RunconfConfiguration *configuration, gboolean with_secrets, GError **error)
{
  return runconf_configuration_dump_sync (
      configuration, "", RUNCONF_LAYER_OVERRIDES, RUNCONF_FORMAT_YAML,
      with_secrets ? RUNCONF_DUMP_SECRETS : RUNCONF_DUMP_NONE, G_MAXUINT64, NULL, error);
}

/* A caller without the right to read secrets gets all other values. */
static char *
dump_what_is_allowed (RunconfConfiguration *configuration, gboolean *is_denied_secrets,
                      GError **error)
{
  g_autoptr (GError) failure = NULL;
  char *text = dump (configuration, TRUE, &failure);

  *is_denied_secrets = text == NULL && is_denied (failure);
  if (*is_denied_secrets)
    return dump (configuration, FALSE, error);

  if (text == NULL)
    g_propagate_error (error, g_steal_pointer (&failure));

  return text;
}

/* Reads the text and its version. Tries again if the version changes meanwhile. */
static gboolean
read_overrides (gpointer session, CliBase *base, GError **error)
{
  RunconfConfiguration *configuration = cli_session_open (session, error);
  const RunconfNode *root;

  for (guint i = 0; configuration != NULL && i < MAX_TRIES; i++)
    {
      guint64 version = runconf_configuration_get_version (configuration);
      gboolean is_denied_secrets;
      g_autofree char *text = dump_what_is_allowed (configuration, &is_denied_secrets, error);
      g_autoptr (GBytes) bytes = NULL;

      if (text == NULL)
        return FALSE;
      if (runconf_configuration_get_version (configuration) != version)
        continue;

      /* start an empty text without brackets */
      if (strcmp (text, "{}\n") == 0)
        *text = '\0';
      bytes = g_bytes_new (text, strlen (text));
      base->version = version;
      base->document = runconf_document_new (bytes, "text", error);
      if (base->document == NULL)
        return FALSE;

      /* only the complete text has metadata, so a text without them is partial */
      root = runconf_document_get_root (base->document);
      base->tree = runconf_metadata_strip (root);
      base->is_partial = is_denied_secrets && runconf_node_equal (base->tree, root);

      return TRUE;
    }

  if (configuration != NULL)
    g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                 _ ("the configuration keeps changing: try again"));

  return FALSE;
}

/* A value in a mapping that is replaced as a whole needs no tag itself. */
static void
add_value (RunconfTransaction *transaction, const char *path, const RunconfNode *value)
{
  g_autoptr (RunconfNode) resolved = runconf_merge_resolve (value);

  if (resolved == NULL)
    runconf_transaction_unset (transaction, path);
  else if (runconf_node_is_replacing (value))
    runconf_transaction_replace_value (transaction, path, runconf_node_to_variant (resolved));
  else
    runconf_transaction_set_value (transaction, path, runconf_node_to_variant (resolved));
}

/* Removals are first, to make room for additions. */
static RunconfTransaction *
make_transaction (const CliDraft *draft)
{
  RunconfTransaction *transaction = runconf_transaction_new ();
  g_autoptr (RunconfNode) tree = cli_draft_get_tree (draft);
  g_autoptr (GPtrArray) deltas = runconf_diff (cli_draft_get_base (draft)->tree, tree);

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      if (delta->new_value == NULL)
        runconf_transaction_reset (transaction, delta->path);
    }

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      if (delta->new_value != NULL)
        add_value (transaction, delta->path, delta->new_value);
    }

  return transaction;
}

/* A change of comments by hand makes no version, so compare the texts.
 * Returns: %FALSE with %RUNCONF_ERROR_VERSION_MISMATCH if the text was changed
 */
static gboolean
check_text (CliDraft *draft, GError **error)
{
  if (!cli_draft_refresh (draft, error))
    return FALSE;
  if (!cli_draft_is_outdated (draft))
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH,
               _ ("the text of the overrides was changed meanwhile"));

  return FALSE;
}

/* Sends the draft to the service. */
static CliExit
store_overrides (gpointer session, CliDraft *draft, GError **error)
{
  static char *nothing[] = { NULL };
  const CliBase *base = cli_draft_get_base (draft);
  const CliMade unmade = { .version = base->version, .paths = nothing };
  g_autoptr (RunconfTransaction) transaction = NULL;
  g_autofree char *text = NULL;
  GBytes *bytes = cli_draft_get_text (draft);

  if (cli_draft_is_unchanged (draft))
    return cli_made_print (&unmade);

  cli_change_options_set_if_version (base->version);
  if (base->is_partial)
    {
      transaction = make_transaction (draft);
      return cli_change_apply (session, transaction, error);
    }

  if (!check_text (draft, error))
    return CLI_EXIT_REFUSED;

  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  return cli_change_replace_text (session, text, error);
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  const CliSource source = { .name = RUNCONF_OVERRIDES_FILE,
                             .data = session,
                             .read = read_overrides,
                             .store = store_overrides };
  const CliChangeOptions *change = cli_change_options_get ();
  const CliEditingOptions options = { .command = command,
                                      .has_if_version = change->has_if_version,
                                      .if_version = change->if_version,
                                      .is_dry_run = change->dry_run };

  return cli_editing_run (&source, &options, error);
}

const CliVerb cli_verb_edit = {
  .name = "edit",
  .summary = N_ ("edit the overrides in an editor"),
  .description
  = N_ ("Opens the text of the overrides in $VISUAL, $EDITOR or “editor”. When the editor has "
        "ended, the text is checked and stored as one change, with its comments. If the text has "
        "an error, you can edit it again. Changes that were made meanwhile are merged into your "
        "text; where they are in conflict with yours, you are asked which ones to keep.\n"
        "\n"
        "  runconf edit\n"
        "  EDITOR='code --wait' runconf edit --message 'for the move' --confirm-timeout 10m"),
  .entries = entries,
  .is_change = TRUE,
  .run = run,
};
