/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/retry.h"

/* No event is sent when a full disk gets room, a file system becomes writable, or the permissions of a
 * folder change. So a failed write is repeated from time to time as long as State reports it. Each pause
 * is twice as long as the one before, up to a limit: the cause can last for weeks.
 */

#define FIRST_PAUSE_MS 1000
#define MAX_PAUSE_MS (30 * 1000)

struct _RunconfdRetry
{
  guint timer;    /* the source that makes a retry due, or 0 */
  guint pause_ms; /* the last pause; 0 before the first one */
  gboolean is_due;
  RunconfdRetryFunc due;
  gpointer user_data;
};

RunconfdRetry *
runconfd_retry_new (RunconfdRetryFunc due, gpointer user_data)
{
  RunconfdRetry *self = g_new0 (RunconfdRetry, 1);

  self->due = due;
  self->user_data = user_data;

  return self;
}

void
runconfd_retry_free (RunconfdRetry *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_free (self);
}

static void
on_timer (gpointer data)
{
  RunconfdRetry *self = data;

  self->timer = 0;
  self->is_due = TRUE;
  self->due (self->user_data);
}

/**
 * runconfd_retry_plan:
 * @is_needed: whether a write failed that has to be repeated
 *
 * Starts the next pause, unless one is running; without a need, ends it.
 */
void
runconfd_retry_plan (RunconfdRetry *self, gboolean is_needed)
{
  if (!is_needed)
    {
      runconfd_retry_begin (self);
      self->pause_ms = 0;
      return;
    }
  if (self->timer != 0)
    return;

  self->pause_ms = self->pause_ms == 0 ? FIRST_PAUSE_MS : MIN (2 * self->pause_ms, MAX_PAUSE_MS);
  self->timer = g_timeout_add_once (self->pause_ms, on_timer, self);
}

/**
 * runconfd_retry_hurry:
 *
 * Makes a planned retry due at once; the caller then checks for it. A retry that is due stays due.
 */
void
runconfd_retry_hurry (RunconfdRetry *self)
{
  self->is_due = self->is_due || self->timer != 0;
}

gboolean
runconfd_retry_is_due (const RunconfdRetry *self)
{
  return self->is_due;
}

/* To be called when the retry begins. */
void
runconfd_retry_begin (RunconfdRetry *self)
{
  self->is_due = FALSE;
  g_clear_handle_id (&self->timer, g_source_remove);
}
