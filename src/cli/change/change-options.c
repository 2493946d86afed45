/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/change/change-options.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/value.h"
#include "cli/terminal/failure.h"

/* 30 days, the limit of the service */
#define MAX_SECONDS (30 * 24 * 60 * 60)

/* Static, since the option parser needs addresses for the values, and a process makes one change at
 * a time.
 */
static CliChangeOptions change;

gboolean cli_change_is_boot;

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
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("%s: a message has to be in UTF-8"),
                   option);
      return FALSE;
    }

  g_free (change.message);
  change.message = g_strdup (value);

  return TRUE;
}

static const GOptionEntry entries[] = {
  { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &change.dry_run,
    N_ ("Check everything, and print the changes without making them"), NULL },
  { "if-version", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, take_version,
    N_ ("Refuse the change unless the configuration is at version N"), N_ ("N") },
  { "message", 'm', G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, take_message,
    N_ ("The reason for the change, kept in the history"), N_ ("TEXT") },
  { "confirm-timeout", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, take_timeout,
    N_ ("Undo the change after TIME (seconds, or 10m, 2h, 1d) unless it is confirmed"),
    N_ ("TIME") },
  { "changed", 0, 0, G_OPTION_ARG_NONE, &change.changed,
    N_ ("Exit with status 6 if nothing changed"), NULL },
  { NULL },
};

/**
 * cli_change_options_get_entries:
 *
 * Returns: (transfer none): the options of all verbs that make a change
 */
const GOptionEntry *
cli_change_options_get_entries (void)
{
  return entries;
}

/**
 * cli_change_options_new_group:
 *
 * Returns: (transfer full): the same options for a parser
 */
GOptionGroup *
cli_change_options_new_group (void)
{
  GOptionGroup *group = g_option_group_new ("change", _ ("Options of a change:"), "", NULL, NULL);

  g_option_group_add_entries (group, entries);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);

  return group;
}

/**
 * cli_change_options_reset:
 *
 * Clears the options of the previous change.
 */
void
cli_change_options_reset (void)
{
  g_free (change.message);
  memset (&change, 0, sizeof change);
  cli_change_is_boot = FALSE;
}

/**
 * cli_change_options_get:
 *
 * Returns: (transfer none): the options of the current change
 */
const CliChangeOptions *
cli_change_options_get (void)
{
  return &change;
}

/**
 * cli_change_options_suggest_message:
 * @message: the reason for the change, unless the command line has one
 */
void
cli_change_options_suggest_message (const char *message)
{
  if (change.message == NULL)
    change.message = g_strdup (message);
}

/**
 * cli_change_options_set_if_version:
 * @version: the version on which the change is based
 *
 * Makes the service refuse the change if another version is in force.
 */
void
cli_change_options_set_if_version (guint64 version)
{
  change.has_if_version = TRUE;
  change.if_version = version;
}
