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

/**
 * fleet_steps_check:
 *
 * Returns: %FALSE with an error if a step isn't valid
 */
gboolean
fleet_steps_check (const char *const *steps, GError **error)
{
  guint64 number;
  gboolean is_share;

  for (const char *const *step = steps; *step != NULL; step++)
    {
      if (parse (*step, &number, &is_share))
        continue;
      g_set_error (
          error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
          _ ("“%s” is no step: a step is a number of hosts, like 1, or a share, like 10%%"), *step);
      return FALSE;
    }

  return TRUE;
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
