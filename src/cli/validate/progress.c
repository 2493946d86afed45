/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/validate/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/terminal/output.h"

/* Shows a progress bar on the terminal. */

/* Work that takes less time than this is done without a bar. */
#define PATIENCE (G_USEC_PER_SEC / 2)
#define INTERVAL (G_USEC_PER_SEC / 10)

#define BAR_WIDTH 30

/* the width besides the label: the bar in brackets, and the percentage */
#define FRAME_WIDTH (BAR_WIDTH + 9)

#define ERASE "\r\033[K"

typedef struct
{
  GThreadFunc work;
  gpointer data;
  GMutex mutex;
  GCond cond;
  gboolean is_done;
} Job;

/**
 * cli_progress_begin_part:
 * @length: the length of the part
 */
void
cli_progress_begin_part (CliProgress *self, gsize length)
{
  g_atomic_int_set (&self->position, 0);
  g_atomic_int_set (&self->length, (gint) MIN (length, G_MAXINT));
}

void
cli_progress_end_part (CliProgress *self)
{
  g_atomic_int_set (&self->length, 0);
  g_atomic_int_inc (&self->part);
}

static double
get_fraction (const CliProgress *self)
{
  gint length = g_atomic_int_get (&self->length);
  gint position = g_atomic_int_get (&self->position);
  double here = length > 0 ? CLAMP ((double) position / length, 0, 1) : 0;

  return CLAMP ((g_atomic_int_get (&self->part) + here) / MAX (self->n_parts, 1), 0, 1);
}

static guint
get_width (void)
{
  struct winsize size;

  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/**
 * cli_progress_draw:
 * @label: the description of the work
 *
 * Draws the bar on standard error, which is a terminal, in the place of the one before.
 */
void
cli_progress_draw (const CliProgress *self, const char *label)
{
  double fraction = get_fraction (self);
  guint filled = (guint) (fraction * BAR_WIDTH);
  g_autofree char *done = g_strnfill (filled, '#');
  g_autofree char *rest = g_strnfill (BAR_WIDTH - filled, '-');
  gboolean has_room = get_width () > FRAME_WIDTH + (guint) g_utf8_strlen (label, -1);

  fprintf (stderr, ERASE "%s%s[%s%s] %3u %%", has_room ? label : "", has_room ? " " : "", done,
           rest, (guint) (fraction * 100));
  fflush (stderr);
}

void
cli_progress_erase (void)
{
  fputs (ERASE, stderr);
}

static gpointer
run_job (gpointer data)
{
  Job *self = data;

  self->work (self->data);
  g_mutex_lock (&self->mutex);
  self->is_done = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);

  return NULL;
}

/* Returns: whether the work is finished before @time */
static gboolean
wait_until (Job *self, gint64 time)
{
  gboolean is_done;

  g_mutex_lock (&self->mutex);
  while (!self->is_done && g_cond_wait_until (&self->cond, &self->mutex, time))
    continue;
  is_done = self->is_done;
  g_mutex_unlock (&self->mutex);

  return is_done;
}

/**
 * cli_progress_run:
 * @label: the description of the work
 * @work: does the work, and updates @self; it must not print meanwhile
 *
 * Runs the work in a thread, and shows a bar on standard error if it is a terminal and the work
 * takes long. The bar is erased when this returns.
 */
void
cli_progress_run (CliProgress *self, const char *label, GThreadFunc work, gpointer data)
{
  Job job = { .work = work, .data = data };
  gint64 time = g_get_monotonic_time () + PATIENCE;
  gboolean is_shown = FALSE;
  GThread *thread;

  if (!cli_output_can_show_progress ())
    {
      work (data);
      return;
    }

  g_mutex_init (&job.mutex);
  g_cond_init (&job.cond);
  thread = g_thread_new ("work", run_job, &job);
  while (!wait_until (&job, time))
    {
      is_shown = TRUE;
      cli_progress_draw (self, label);
      time = g_get_monotonic_time () + INTERVAL;
    }
  g_thread_join (thread);
  g_mutex_clear (&job.mutex);
  g_cond_clear (&job.cond);

  if (is_shown)
    cli_progress_erase ();
}
