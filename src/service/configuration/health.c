/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/health.h"

struct _RunconfdHealth
{
  char *messages[RUNCONFD_N_AILMENTS]; /* NULL where there is no ailment */
  GError *problem;                     /* of the last load, or NULL */
  RunconfdHealthFunc changed;
  gpointer user_data;
};

RunconfdHealth *
runconfd_health_new (RunconfdHealthFunc changed, gpointer user_data)
{
  RunconfdHealth *self = g_new0 (RunconfdHealth, 1);

  self->changed = changed;
  self->user_data = user_data;

  return self;
}

void
runconfd_health_free (RunconfdHealth *self)
{
  for (guint i = 0; i < RUNCONFD_N_AILMENTS; i++)
    g_free (self->messages[i]);
  g_clear_error (&self->problem);
  g_free (self);
}

/**
 * runconfd_health_set:
 * @message: (nullable): a description of the ailment, or %NULL if it is over
 *
 * Returns: whether the message changed
 */
gboolean
runconfd_health_set (RunconfdHealth *self, RunconfdAilment ailment, const char *message)
{
  if (g_strcmp0 (self->messages[ailment], message) == 0)
    return FALSE;

  g_free (self->messages[ailment]);
  self->messages[ailment] = g_strdup (message);
  self->changed (ailment, self->messages[ailment], self->user_data);

  return TRUE;
}

/**
 * runconfd_health_get:
 *
 * Returns: (transfer none) (nullable): the description of an ailment, or %NULL
 */
const char *
runconfd_health_get (const RunconfdHealth *self, RunconfdAilment ailment)
{
  return self->messages[ailment];
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
      if (i > RUNCONFD_AILMENT_BOOT_RECOVERED && self->messages[i] != NULL)
        return "degraded";
    }

  return self->messages[RUNCONFD_AILMENT_RECOVERED] != NULL
                 || self->messages[RUNCONFD_AILMENT_BOOT_RECOVERED] != NULL
             ? "recovered"
             : "ok";
}

/* One cause can prevent both reading and writing. */
static gboolean
is_repeated (const RunconfdHealth *self, guint ailment)
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
 * Returns: (transfer full): the descriptions of all ailments; empty if there is none
 */
char *
runconfd_health_get_message (const RunconfdHealth *self)
{
  g_autoptr (GString) message = g_string_new (NULL);

  for (guint i = 0; i < RUNCONFD_N_AILMENTS; i++)
    {
      if (self->messages[i] != NULL && !is_repeated (self, i))
        g_string_append_printf (message, "%s%s", message->len > 0 ? "; " : "", self->messages[i]);
    }

  return g_string_free (g_steal_pointer (&message), FALSE);
}

/* A load begins without a problem. */
void
runconfd_health_clear_problem (RunconfdHealth *self)
{
  g_clear_error (&self->problem);
}

/**
 * runconfd_health_note_problem:
 *
 * Keeps the error that a Reload returns; of several, the first one.
 */
void
runconfd_health_note_problem (RunconfdHealth *self, GQuark domain, int code, const char *message)
{
  if (self->problem == NULL)
    self->problem = g_error_new_literal (domain, code, message);
}

/**
 * runconfd_health_get_problem:
 *
 * Returns: (transfer none) (nullable): the problem of the last load
 */
const GError *
runconfd_health_get_problem (const RunconfdHealth *self)
{
  return self->problem;
}
