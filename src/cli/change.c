/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/change.h"

#include "cli/change-options.h"

/* Makes changes with the options of the command line, and prints their results. */

/* The version is searched for in the history among at most this many versions. */
#define MAX_OTHERS 100

/* @is_ours: (out): whether this process made the version. Returns: whether the history has it */
static gboolean
find_author (RunconfConfiguration *configuration, guint64 version, gboolean *is_ours)
{
  GDBusConnection *connection = NULL;
  g_autoptr (GVariant) history = NULL;
  GVariantDict options;
  const char *caller;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "since-version", "t", version - 1);
  g_variant_dict_insert (&options, "limit", "u", MAX_OTHERS);
  history = runconf_configuration_history_sync (configuration, "", g_variant_dict_end (&options),
                                                NULL, NULL);
  if (history == NULL)
    return FALSE;

  for (gsize i = 0; i < g_variant_n_children (history); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (history, i);
      guint64 here;

      if (!g_variant_lookup (entry, "version", "t", &here) || here != version)
        continue;

      g_object_get (configuration, "connection", &connection, NULL);
      *is_ours = g_variant_lookup (entry, "caller", "&s", &caller)
                     ? g_strcmp0 (caller, g_dbus_connection_get_unique_name (connection)) == 0
                     : g_dbus_connection_get_unique_name (connection) == NULL
                           && g_variant_lookup (entry, "uid", "u", NULL);
      g_object_unref (connection);
      return TRUE;
    }

  return FALSE;
}

/* Setting a value that equals the default changes no value, but it is a change: it adds an override
 * and makes a version. The version may also have grown by changes of other callers, though.
 */
static gboolean
is_change (RunconfConfiguration *configuration, const CliMade *made)
{
  gboolean is_ours = TRUE;

  if (*made->paths != NULL)
    return TRUE;
  if (cli_change_options_get ()->dry_run || made->version == made->before)
    return FALSE;

  return !find_author (configuration, made->version, &is_ours) || is_ours;
}

static RunconfConfiguration *
begin (CliSession *session, guint64 *before, GError **error)
{
  RunconfConfiguration *configuration = cli_session_open (session, error);

  if (configuration != NULL)
    *before = runconf_configuration_get_version (configuration);

  return configuration;
}

static gboolean
end (RunconfConfiguration *configuration, CliMade *made)
{
  if (made->paths == NULL)
    return FALSE;

  made->is_change = is_change (configuration, made);

  return TRUE;
}

/**
 * cli_change_make:
 * @transaction: the operations; this function adds the options to it
 * @made: (out): the result, for cli_made_tell()
 *
 * Makes a change, without printing the result.
 *
 * Returns: %FALSE with an error
 */
gboolean
cli_change_make (CliSession *session, RunconfTransaction *transaction, CliMade *made,
                 GError **error)
{
  RunconfConfiguration *configuration = begin (session, &made->before, error);
  const CliChangeOptions *change = cli_change_options_get ();

  if (configuration == NULL)
    return FALSE;

  runconf_transaction_set_dry_run (transaction, change->dry_run);
  runconf_transaction_set_message (transaction, change->message);
  runconf_transaction_set_confirm_timeout (transaction, (guint) change->confirm_timeout);
  if (change->has_if_version)
    runconf_transaction_set_if_version (transaction, change->if_version);
  made->paths
      = runconf_configuration_apply_sync (configuration, transaction, &made->version, NULL, error);

  return end (configuration, made);
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
  RunconfConfiguration *configuration = begin (session, &made->before, error);

  if (configuration == NULL)
    return FALSE;

  made->paths = runconf_configuration_replace_text_sync (
      configuration, text, cli_change_options_to_variant (), &made->version, NULL, error);

  return end (configuration, made);
}

static gboolean
make_revert (CliSession *session, guint64 to, CliMade *made, GError **error)
{
  RunconfConfiguration *configuration = begin (session, &made->before, error);

  if (configuration == NULL)
    return FALSE;

  made->paths = runconf_configuration_revert_sync (
      configuration, to, cli_change_options_to_variant (), &made->version, NULL, error);

  return end (configuration, made);
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

  return cli_made_tell (&made);
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

  return cli_made_tell (&made);
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
  g_auto (CliMade) made = { 0 };

  if (!make_revert (session, to, &made, error))
    return CLI_EXIT_FAILED;

  return cli_made_tell (&made);
}
