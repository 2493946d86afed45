/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/health.h"

/**
 * runconfd_health_set:
 * @message: (nullable): what is wrong, or %NULL if that is over
 *
 * Returns: whether that is news
 */
gboolean
runconfd_health_set (RunconfdHealth *self, RunconfdAilment ailment, const char *message)
{
  if (g_strcmp0 (self->messages[ailment], message) == 0)
    return FALSE;

  g_free (self->messages[ailment]);
  self->messages[ailment] = g_strdup (message);

  return TRUE;
}

void
runconfd_health_clear (RunconfdHealth *self)
{
  for (guint i = 0; i < RUNCONFD_N_AILMENTS; i++)
    g_clear_pointer (&self->messages[i], g_free);
}

/**
 * runconfd_health_get_state:
 *
 * Returns: `ok`, `recovered` or `degraded`, the worst that applies
 */
const char *
runconfd_health_get_state (const RunconfdHealth *self)
{
  for (guint i = 0; i < RUNCONFD_N_AILMENTS; i++)
    {
      if (i != RUNCONFD_AILMENT_RECOVERED && self->messages[i] != NULL)
        return "degraded";
    }

  return self->messages[RUNCONFD_AILMENT_RECOVERED] != NULL ? "recovered" : "ok";
}

/* One cause can be in the way of reading and of writing. */
static gboolean
is_reported (const RunconfdHealth *self, guint ailment)
{
  for (guint i = 0; i < ailment; i++)
    {
      if (g_strcmp0 (self->messages[i], self->messages[ailment]) == 0)
        return TRUE;
    }

  return FALSE;
}

/**
 * runconfd_health_get_message:
 *
 * Returns: (transfer full): all that is wrong, empty if nothing is
 */
char *
runconfd_health_get_message (const RunconfdHealth *self)
{
  g_autoptr (GString) message = g_string_new (NULL);

  for (guint i = 0; i < RUNCONFD_N_AILMENTS; i++)
    {
      if (self->messages[i] != NULL && !is_reported (self, i))
        g_string_append_printf (message, "%s%s", message->len > 0 ? "; " : "", self->messages[i]);
    }

  return g_string_free (g_steal_pointer (&message), FALSE);
}
