/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/change/change.h"

#include "cli/change/change-options.h"
#include "cli/session/hint.h"
#include "cli/session/value.h"

/* Makes changes with the options of the command line, and prints their results. */

/* an item that isn't a path, behind the paths in the reply of the service: the change made a version */
#define OVERRIDES "overrides"

/* Setting a value that equals the default changes no value, but it is a change: it adds an override
 * and makes a version.
 *
 * Returns: whether the service made the change
 */
static gboolean
take_reply (CliMade *made)
{
  guint n_items = made->paths != NULL ? g_strv_length (made->paths) : 0;

  if (made->paths == NULL)
    return FALSE;

  if (n_items > 0 && g_str_equal (made->paths[n_items - 1], OVERRIDES))
    {
      g_clear_pointer (&made->paths[n_items - 1], g_free);
      made->is_change = TRUE;
    }
  made->is_change |= *made->paths != NULL;

  return TRUE;
}

/**
 * cli_change_make:
 * @transaction: the operations; this function adds the options to it
 * @made: (out): the result, for cli_made_print()
 *
 * Makes a change, without printing the result.
 *
 * Returns: %FALSE with an error
 */
gboolean
cli_change_make (CliSession *session, RunconfTransaction *transaction, CliMade *made,
                 GError **error)
{
  RunconfConfiguration *configuration = cli_session_reach (session, error);
  const CliChangeOptions *change = cli_change_options_get ();

  if (configuration == NULL)
    return FALSE;

  runconf_transaction_set_dry_run (transaction, change->dry_run);
  runconf_transaction_set_message (transaction, change->message);
  runconf_transaction_set_confirm_timeout (transaction, (guint) change->confirm_timeout);
  runconf_transaction_set_report_overrides (transaction, TRUE);
  runconf_transaction_set_boot (transaction, cli_change_is_boot);
  if (change->has_if_version)
    runconf_transaction_set_if_version (transaction, change->if_version);
  made->paths
      = runconf_configuration_apply_sync (configuration, transaction, &made->version, NULL, error);

  return take_reply (made);
}

/**
 * cli_change_make_text:
 * @text: the new text of the overrides
 * @made: (out): the result
 *
 * The same as cli_change_make(), with the overrides as a text.
 *
 * Returns: %FALSE with an error
 */
gboolean
cli_change_make_text (CliSession *session, const char *text, CliMade *made, GError **error)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();

  runconf_transaction_replace_text (transaction, text);

  return cli_change_make (session, transaction, made, error);
}

/**
 * cli_change_apply:
 * @transaction: the operations
 *
 * Makes a change, and prints the result.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
cli_change_apply (CliSession *session, RunconfTransaction *transaction, GError **error)
{
  g_auto (CliMade) made = { 0 };

  if (!cli_change_make (session, transaction, &made, error))
    return CLI_EXIT_FAILED;

  return cli_made_print (&made);
}

/**
 * cli_change_apply_paths:
 * @add: the operation
 * @paths: one path at least
 *
 * Makes a change of one operation for each path, and prints the result.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
cli_change_apply_paths (CliSession *session, CliPathOperation add, char **paths, GError **error)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  GError *failure = NULL;
  CliExit status;

  for (char **path = paths; *path != NULL; path++)
    {
      if (!cli_value_check_path (*path, error))
        return CLI_EXIT_FAILED;
      add (transaction, *path);
    }

  status = cli_change_apply (session, transaction, &failure);
  if (failure != NULL)
    cli_hint_propagate_error (session, paths[1] == NULL ? paths[0] : NULL, error, failure);

  return status;
}

/**
 * cli_change_replace_text:
 * @text: the new text of the overrides
 *
 * The same as cli_change_apply(), with the overrides as a text.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
cli_change_replace_text (CliSession *session, const char *text, GError **error)
{
  g_auto (CliMade) made = { 0 };

  if (!cli_change_make_text (session, text, &made, error))
    return CLI_EXIT_FAILED;

  return cli_made_print (&made);
}

/**
 * cli_change_revert:
 * @to: a version
 *
 * Reverts to a version, and prints the result.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
cli_change_revert (CliSession *session, guint64 to, GError **error)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();

  runconf_transaction_revert (transaction, to);

  return cli_change_apply (session, transaction, error);
}
