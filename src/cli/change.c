/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/change.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/failure.h"
#include "cli/format.h"
#include "cli/output.h"
#include "cli/record.h"
#include "cli/table.h"
#include "cli/value.h"

/* 30 days, as the service allows */
#define MAX_SECONDS (30 * 24 * 60 * 60)

/* so many paths are named in a line for people */
#define MAX_NAMED 3

/* so many changes of others are looked through for ours */
#define MAX_OTHERS 100

/* What is said about a change. An invocation makes one. */
static struct
{
  gboolean dry_run;
  gboolean has_if_version;
  guint64 if_version;
  char *message;
  guint64 confirm_timeout;
  gboolean changed;
} change;

static gboolean
take_version (const char *option, const char *value, gpointer data, GError **error)
{
  change.has_if_version = TRUE;

  return cli_value_read_version (value, &change.if_version, error);
}

static guint64
get_unit (char letter)
{
  switch (letter)
    {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 60 * 60;
    case 'd':
      return 24 * 60 * 60;
    default:
      return 0;
    }
}

static gboolean
take_timeout (const char *option, const char *value, gpointer data, GError **error)
{
  gsize length = strlen (value);
  guint64 unit = length > 0 ? get_unit (value[length - 1]) : 0;
  g_autofree char *digits = g_strndup (value, unit > 0 ? length - 1 : length);

  unit = MAX (unit, 1);
  if (cli_value_read_number (digits, MAX_SECONDS / unit, &change.confirm_timeout)
      && change.confirm_timeout > 0)
    {
      change.confirm_timeout *= unit;
      return TRUE;
    }

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               _ ("%s %s: a time is a number of seconds, or like 10m, 2h or 1d, up to 30 days"),
               option, value);

  return FALSE;
}

static gboolean
take_message (const char *option, const char *value, gpointer data, GError **error)
{
  if (!g_utf8_validate (value, -1, NULL))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("%s: a message is in UTF-8"), option);
      return FALSE;
    }

  g_free (change.message);
  change.message = g_strdup (value);

  return TRUE;
}

static const GOptionEntry entries[] = {
  { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &change.dry_run,
    N_ ("Check everything, and tell what would change"), NULL },
  { "if-version", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, take_version,
    N_ ("Refuse it unless the configuration is at version N"), N_ ("N") },
  { "message", 'm', G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, take_message,
    N_ ("What the change is for, which the history keeps"), N_ ("TEXT") },
  { "confirm-timeout", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, take_timeout,
    N_ ("Undo it after TIME (seconds, or 10m, 2h, 1d) unless it is confirmed"), N_ ("TIME") },
  { "changed", 0, 0, G_OPTION_ARG_NONE, &change.changed,
    N_ ("Exit with status 6 if nothing changed"), NULL },
  { NULL },
};

/**
 * cli_change_get_entries:
 *
 * Returns: (transfer none): the options that each verb has that changes something
 */
const GOptionEntry *
cli_change_get_entries (void)
{
  return entries;
}

/**
 * cli_change_new_group:
 *
 * Returns: (transfer full): the same, to be parsed
 */
GOptionGroup *
cli_change_new_group (void)
{
  GOptionGroup *group = g_option_group_new ("change", _ ("Options of a change:"), "", NULL, NULL);

  g_option_group_add_entries (group, entries);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);

  return group;
}

/**
 * cli_change_reset:
 *
 * Forgets what was said about the change before.
 */
void
cli_change_reset (void)
{
  g_free (change.message);
  memset (&change, 0, sizeof change);
}

/**
 * cli_change_get_if_version:
 * @version: (out): which version has to be in force
 *
 * Returns: whether there is one
 */
gboolean
cli_change_get_if_version (guint64 *version)
{
  *version = change.if_version;

  return change.has_if_version;
}

/**
 * cli_change_set_if_version:
 * @version: which the change was made for
 *
 * Has the change refused if another version is in force by now.
 */
void
cli_change_set_if_version (guint64 version)
{
  change.has_if_version = TRUE;
  change.if_version = version;
}

/* Returns: (transfer floating): the options as the service takes them */
static GVariant *
make_options (void)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  if (change.dry_run)
    g_variant_dict_insert (&options, "dry-run", "b", TRUE);
  if (change.has_if_version)
    g_variant_dict_insert (&options, "if-version", "t", change.if_version);
  if (change.message != NULL)
    g_variant_dict_insert (&options, "message", "s", change.message);
  if (change.confirm_timeout > 0)
    g_variant_dict_insert (&options, "confirm-timeout", "t", change.confirm_timeout);

  return g_variant_dict_end (&options);
}

static char *
name_paths (char **paths)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint n_paths = g_strv_length (paths);
  guint n_named = n_paths == MAX_NAMED + 1 ? n_paths : MIN (n_paths, MAX_NAMED);

  for (guint i = 0; i < n_named; i++)
    /* the path of everything is empty, which would look like a mistake */
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            *paths[i] != '\0' ? paths[i] : _ ("everything"));

  if (n_paths > n_named)
    g_string_append_printf (names, ngettext (" and %u more", " and %u more", n_paths - n_named),
                            n_paths - n_named);

  return g_string_free (g_steal_pointer (&names), FALSE);
}

static void
tell_people (const CliMade *made)
{
  g_autofree char *number = cli_format_number (made->version);
  g_autofree char *names = name_paths (made->paths);
  g_autofree char *shown = NULL;
  g_autofree char *line = NULL;

  if (!made->is_change && change.dry_run)
    line = g_strdup_printf (_ ("nothing would change (version %s)"), number);
  else if (!made->is_change)
    line = g_strdup_printf (_ ("nothing changed (version %s)"), number);
  else if (change.dry_run)
    line = g_strdup_printf (_ ("would change %s (version %s)"), names, number);
  else if (*made->paths == NULL)
    line = g_strdup_printf (_ ("changed the overrides, and no value (version %s)"), number);
  else
    line = g_strdup_printf (_ ("changed %s (version %s)"), names, number);

  shown = cli_text_make_line (line);
  cli_print_line (shown);
}

static void
tell_deadline (guint64 version)
{
  g_autofree char *number = cli_format_number (version);
  g_autofree char *line
      = g_strdup_printf (ngettext ("it goes back in %u second unless you say: runconf confirm %s",
                                   "it goes back in %u seconds unless you say: runconf confirm %s",
                                   (guint) change.confirm_timeout),
                         (guint) change.confirm_timeout, number);

  cli_print_line (line);
}

static void
tell_programs (const CliMade *made)
{
  g_autoptr (RunconfMappingBuilder) answer = runconf_mapping_builder_new ();
  g_autoptr (RunconfNode) node = NULL;

  cli_record_take (answer, "changed", runconf_node_new_boolean (made->is_change));
  cli_record_take (answer, "version", runconf_node_new_unsigned (made->version));
  cli_record_add_strv (answer, "paths", (const char *const *) made->paths);
  if (change.dry_run)
    cli_record_take (answer, "dry-run", runconf_node_new_boolean (TRUE));

  node = cli_record_end (answer);
  cli_print_json (node);
}

/**
 * cli_change_tell:
 * @made: what was done
 *
 * Tells what a change did.
 *
 * Returns: the exit status
 */
CliExit
cli_change_tell (const CliMade *made)
{
  if (cli_output_is_json ())
    {
      tell_programs (made);
    }
  else if (!cli_output_is_quiet ())
    {
      tell_people (made);
      if (made->is_change && !change.dry_run && change.confirm_timeout > 0)
        tell_deadline (made->version);
    }

  return change.changed && !made->is_change ? CLI_EXIT_UNCHANGED : CLI_EXIT_DONE;
}

void
cli_made_clear (CliMade *self)
{
  g_clear_pointer (&self->paths, g_strfreev);
}

/* @is_ours: (out): whether it was this process that made the version
 *
 * Returns: whether the history knows
 */
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

/* A value that is set to what the default is already changes no value, and is a change all the same,
 * which the version tells. But that may also have grown by what others did meanwhile.
 */
static gboolean
is_change (RunconfConfiguration *configuration, const CliMade *made)
{
  gboolean is_ours = TRUE;

  if (*made->paths != NULL)
    return TRUE;
  if (change.dry_run || made->version == made->before)
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
 * @transaction: what is to be done; the options are put into it here
 * @made: (out): what it did, to be told by cli_change_tell()
 *
 * Makes a change, and prints nothing.
 *
 * Returns: %FALSE with an error
 */
gboolean
cli_change_make (CliSession *session, RunconfTransaction *transaction, CliMade *made,
                 GError **error)
{
  RunconfConfiguration *configuration = begin (session, &made->before, error);

  if (configuration == NULL)
    return FALSE;

  runconf_transaction_set_dry_run (transaction, change.dry_run);
  runconf_transaction_set_message (transaction, change.message);
  runconf_transaction_set_confirm_timeout (transaction, (guint) change.confirm_timeout);
  if (change.has_if_version)
    runconf_transaction_set_if_version (transaction, change.if_version);
  made->paths
      = runconf_configuration_apply_sync (configuration, transaction, &made->version, NULL, error);

  return end (configuration, made);
}

/**
 * cli_change_make_text:
 * @text: what the file of the overrides is to hold
 * @made: (out): what it did
 *
 * The same with the overrides as a text.
 *
 * Returns: %FALSE with an error
 */
gboolean
cli_change_make_text (CliSession *session, const char *text, CliMade *made, GError **error)
{
  RunconfConfiguration *configuration = begin (session, &made->before, error);

  if (configuration == NULL)
    return FALSE;

  made->paths = runconf_configuration_replace_text_sync (configuration, text, make_options (),
                                                         &made->version, NULL, error);

  return end (configuration, made);
}

static gboolean
make_revert (CliSession *session, guint64 to, CliMade *made, GError **error)
{
  RunconfConfiguration *configuration = begin (session, &made->before, error);

  if (configuration == NULL)
    return FALSE;

  made->paths = runconf_configuration_revert_sync (configuration, to, make_options (),
                                                   &made->version, NULL, error);

  return end (configuration, made);
}

/**
 * cli_change_apply:
 * @transaction: what is to be done
 *
 * Makes a change, and tells what it did.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
cli_change_apply (CliSession *session, RunconfTransaction *transaction, GError **error)
{
  g_auto (CliMade) made = { 0 };

  if (!cli_change_make (session, transaction, &made, error))
    return CLI_EXIT_FAILED;

  return cli_change_tell (&made);
}

/**
 * cli_change_replace_text:
 * @text: what the file of the overrides is to hold
 *
 * The same with the overrides as a text.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
cli_change_replace_text (CliSession *session, const char *text, GError **error)
{
  g_auto (CliMade) made = { 0 };

  if (!cli_change_make_text (session, text, &made, error))
    return CLI_EXIT_FAILED;

  return cli_change_tell (&made);
}

/**
 * cli_change_revert:
 * @to: a version
 *
 * Goes back to a version, and tells what that did.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
cli_change_revert (CliSession *session, guint64 to, GError **error)
{
  g_auto (CliMade) made = { 0 };

  if (!make_revert (session, to, &made, error))
    return CLI_EXIT_FAILED;

  return cli_change_tell (&made);
}
