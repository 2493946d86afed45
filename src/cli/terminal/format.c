/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/terminal/format.h"

#include <pwd.h>

#include "yaml/emitter.h"

/* Formats times, users, numbers and values for tables and messages. */

/**
 * cli_format_time:
 * @microseconds: since the epoch
 *
 * Returns: (transfer full): the local time in the order of ISO 8601, so that it sorts as text
 */
char *
cli_format_time (guint64 microseconds)
{
  g_autoptr (GDateTime) time
      = g_date_time_new_from_unix_local ((gint64) (microseconds / G_USEC_PER_SEC));

  return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M:%S") : g_strdup ("?");
}

/**
 * cli_format_user:
 *
 * Returns: (transfer full): the name of a user, or the number if the user has no name
 */
char *
cli_format_user (guint uid)
{
  const struct passwd *user = getpwuid (uid);

  return user != NULL ? g_strdup (user->pw_name) : g_strdup_printf ("%u", uid);
}

char *
cli_format_number (guint64 number)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, number);
}

/**
 * cli_format_value:
 *
 * Returns: (transfer full): the value on one line, as YAML
 */
char *
cli_format_value (const RunconfNode *value)
{
  g_autoptr (GString) out = g_string_new (NULL);

  runconf_emit_inline (out, value, RUNCONF_STYLE_PLAIN, RUNCONF_PLACE_LINE);

  return g_string_free (g_steal_pointer (&out), FALSE);
}
