/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/backend/opening.h"

#include "gsettings/backend/guard.h"
#include "gsettings/backend/worker.h"

/* in µs: how long reads wait for the first values, from the first use of GSettings on; a service
 * that runs answers within 3 ms, and one that the bus has to start within 100 ms
 */
#define MAX_WAIT (250 * G_TIME_SPAN_MILLISECOND)

#define NAME "gsettings"

struct _RunconfBackendOpening
{
  gint ref_count;                      /* atomic */
  RunconfConfiguration *configuration; /* atomic; NULL until it is open */
  gint64 end;                          /* of the wait */

  /* protected by the guard */
  GCond opened;
  gboolean is_given_up;
  gboolean was_missed;
};

typedef struct
{
  RunconfBackendOpening *opening;
  RunconfBackendOpeningFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} Start;

/**
 * runconf_backend_opening_new:
 *
 * Returns: (transfer full): a configuration that isn't open, and isn't being opened yet
 */
RunconfBackendOpening *
runconf_backend_opening_new (void)
{
  RunconfBackendOpening *self = g_new0 (RunconfBackendOpening, 1);

  self->ref_count = 1;
  self->end = g_get_monotonic_time () + MAX_WAIT;
  g_cond_init (&self->opened);

  return self;
}

RunconfBackendOpening *
runconf_backend_opening_ref (RunconfBackendOpening *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
runconf_backend_opening_unref (RunconfBackendOpening *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_object (&self->configuration);
  g_cond_clear (&self->opened);
  g_free (self);
}

static void
use (RunconfBackendOpening *self, RunconfConfiguration *configuration)
{
  runconf_backend_guard_lock ();
  g_atomic_pointer_set (&self->configuration, configuration);
  g_cond_broadcast (&self->opened);
  runconf_backend_guard_unlock ();
}

/* If the service is away, the configuration has no values, and gets them when the service is there.
 */
static void
do_open (gpointer data)
{
  const Start *start = data;
  g_autoptr (GError) error = NULL;
  RunconfConfiguration *configuration = runconf_configuration_new_sync (
      G_BUS_TYPE_SESSION, NAME, NULL, RUNCONF_OPEN_DEFAULT, NULL, &error);

  if (configuration == NULL)
    {
      g_warning ("settings can't be read: %s", error->message);
      return;
    }

  /* first, so that the locks are known to whoever waits */
  start->func (configuration, start->user_data);
  use (start->opening, configuration);
}

static void
start_free (gpointer data)
{
  Start *start = data;

  runconf_backend_opening_unref (start->opening);
  start->destroy (start->user_data);
  g_free (start);
}

/**
 * runconf_backend_opening_start:
 * @func: called with the open configuration, before anyone else has it and before the jobs that are
 *   posted after this call
 *
 * Never blocks.
 */
void
runconf_backend_opening_start (RunconfBackendOpening *self, RunconfBackendOpeningFunc func,
                               gpointer user_data, GDestroyNotify destroy)
{
  Start *start = g_new (Start, 1);

  *start = (Start){ runconf_backend_opening_ref (self), func, user_data, destroy };
  runconf_backend_worker_post (do_open, start, start_free);
}

/**
 * runconf_backend_opening_peek:
 *
 * Returns: (transfer none) (nullable): the configuration, %NULL if it isn't open yet
 */
RunconfConfiguration *
runconf_backend_opening_peek (RunconfBackendOpening *self)
{
  return g_atomic_pointer_get (&self->configuration);
}

/* see runconf_backend_opening_get() */
RunconfConfiguration *
runconf_backend_opening_wait (RunconfBackendOpening *self)
{
  RunconfConfiguration *configuration;

  runconf_backend_guard_lock ();
  while (runconf_backend_opening_peek (self) == NULL && !self->is_given_up
         && !runconf_backend_guard_is_child ())
    self->is_given_up = !runconf_backend_guard_wait_until (&self->opened, self->end);
  configuration = runconf_backend_opening_peek (self);
  self->was_missed |= configuration == NULL;
  runconf_backend_guard_unlock ();

  return configuration;
}

/**
 * runconf_backend_opening_was_missed:
 *
 * Returns: whether a read had to do without the configuration
 */
gboolean
runconf_backend_opening_was_missed (RunconfBackendOpening *self)
{
  gboolean was_missed;

  runconf_backend_guard_lock ();
  was_missed = self->was_missed;
  runconf_backend_guard_unlock ();

  return was_missed;
}
