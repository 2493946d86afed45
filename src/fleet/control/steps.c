/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "core/error.h"
#include "fleet/control/controller.h"

/* The steps of a rollout: numbers of hosts, or shares of them. */

/* Returns: whether the step is a number from 1 on, or a share from 1% to 100% */
static gboolean
parse (const char *step, guint64 *number, gboolean *is_share)
{
  gsize length = strlen (step);
  g_autofree char *digits = NULL;

  *is_share = length > 0 && step[length - 1] == '%';
  digits = g_strndup (step, *is_share ? length - 1 : length);

  return g_ascii_string_to_unsigned (digits, 10, 1, *is_share ? 100 : G_MAXUINT, number, NULL);
}

/* @last: (inout): the last number and the last share, which a later one has to exceed */
static gboolean
check (const char *step, guint64 last[2], GError **error)
{
  guint64 number;
  gboolean is_share;

  if (!parse (step, &number, &is_share))
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                 _ ("“%s” is no step: a step is a number of hosts, like 1, or a share, like 10%%"),
                 step);
  else if (number <= last[is_share])
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                 _ ("“%s”: a step reaches more hosts than those before it"), step);
  else
    {
      last[is_share] = number;
      return TRUE;
    }

  return FALSE;
}

/**
 * fleet_steps_new:
 * @text: steps, separated by commas
 *
 * The last step reaches all hosts, so that they are watched, too: it is added if it is missing.
 *
 * Returns: (transfer full): the steps, or %NULL with an error if one isn't valid
 */
char **
fleet_steps_new (const char *text, GError **error)
{
  /* GLib splits an empty text into nothing, and not into an empty step */
  g_auto (GStrv) steps = g_strsplit (*text != '\0' ? text : ",", ",", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  guint64 last[2] = { 0 };

  for (char **step = steps; *step != NULL; step++)
    if (!check (*step, last, error))
      return NULL;

  g_strv_builder_addv (builder, (const char **) steps);
  if (last[TRUE] < 100)
    g_strv_builder_add (builder, "100%");

  return g_strv_builder_end (builder);
}

/**
 * fleet_steps_count:
 * @step: a valid step
 *
 * Returns: the number of hosts that the step reaches, at least one
 */
guint
fleet_steps_count (const char *step, guint n_hosts)
{
  guint64 number = 0;
  gboolean is_share;

  if (!parse (step, &number, &is_share))
    return n_hosts;
  if (is_share)
    number = (number * n_hosts + 99) / 100;

  return (guint) CLAMP (number, 1, MAX (n_hosts, 1));
}
