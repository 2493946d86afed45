/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/batching.h"

/* A client that waits for one write before it makes the next one is likely to send that as soon as it has
 * its reply. If several clients do so, one batch of all their changes costs the disk and the processor a
 * fraction of one batch for each half. So after a batch, the next one waits a little until as many changes
 * are queued as there were writers.
 */

/* A batch waits as long as further changes arrive: one in each of these spans, and not more spans than these. */
#define GATHER_MS 1
#define MAX_SPANS 8

struct _RunconfdBatching
{
  guint n_expected;  /* the number of changes that the next batch waits for */
  guint n_queued;    /* so many of them are there */
  guint n_before;    /* and so many were there when the span began */
  guint n_spans;     /* that the batch waited */
  guint timer;       /* the source that ends each span, or 0 */
  gboolean is_alone; /* the next batch is one change, to find the one that can't be written */
  RunconfdBatchingFunc ready;
  gpointer user_data;
};

RunconfdBatching *
runconfd_batching_new (RunconfdBatchingFunc ready, gpointer user_data)
{
  RunconfdBatching *self = g_new0 (RunconfdBatching, 1);

  self->ready = ready;
  self->user_data = user_data;

  return self;
}

void
runconfd_batching_free (RunconfdBatching *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_free (self);
}

static gboolean
on_timer (gpointer data)
{
  RunconfdBatching *self = data;

  self->n_spans++;
  if (self->n_queued > self->n_before && self->n_spans < MAX_SPANS)
    {
      self->n_before = self->n_queued;
      return G_SOURCE_CONTINUE;
    }

  self->timer = 0;
  self->n_expected = 0;
  self->ready (self->user_data);

  return G_SOURCE_REMOVE;
}

/**
 * runconfd_batching_wait:
 * @n_queued: the number of changes in the queue
 *
 * Returns: whether to wait for further changes; if so, the ready function is called when the time is over
 */
gboolean
runconfd_batching_wait (RunconfdBatching *self, guint n_queued)
{
  if (n_queued >= self->n_expected)
    {
      runconfd_batching_end_wait (self);
      return FALSE;
    }

  self->n_queued = n_queued;
  if (self->timer == 0)
    {
      self->n_before = n_queued;
      self->timer = g_timeout_add (GATHER_MS, on_timer, self);
    }

  return TRUE;
}

/* To be called when the next batch starts, whatever is queued. */
void
runconfd_batching_end_wait (RunconfdBatching *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->n_expected = 0;
  self->n_spans = 0;
}

/**
 * runconfd_batching_get_limit:
 *
 * Returns: the number of changes that the next batch takes at most
 */
guint
runconfd_batching_get_limit (const RunconfdBatching *self)
{
  return self->is_alone ? 1 : G_MAXUINT;
}

/**
 * runconfd_batching_note_written:
 * @n_written: the number of changes in the batch that was written
 * @n_queued: the number of changes that were queued meanwhile
 */
void
runconfd_batching_note_written (RunconfdBatching *self, guint n_written, guint n_queued)
{
  self->is_alone = FALSE;
  self->n_expected = n_written + n_queued > 1 ? n_written + n_queued : 0;
}

/* The changes of a batch were too large together. They are written one by one, until one is written. */
void
runconfd_batching_note_too_large (RunconfdBatching *self)
{
  self->is_alone = TRUE;
}
