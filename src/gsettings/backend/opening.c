/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/backend/opening.h"

#include "gsettings/backend/guard.h"
#include "gsettings/backend/worker.h"

/* in µs: how long reads wait for the first values, from the first use of GSettings on, if the
 * service hasn't linked its memory. A service that runs replies within some milliseconds, and
 * without one the wait ends at once; a busy machine may take longer, and a program with wrong
 * values flickers.
 */
#define MAX_WAIT G_TIME_SPAN_SECOND

#define NAME "gsettings"

struct _RunconfBackendOpening
{
  gint ref_count;                      /* atomic */
  RunconfConfiguration *configuration; /* atomic; NULL until it is open */
  RunconfSnapshot *early;              /* atomic, written with the guard; see drop_early() */
  gint64 end;                          /* of the wait */

  /* protected by the guard */
  GCond opened;
  gboolean is_given_up;
  gboolean was_missed;
  guint64 version; /* of the first values */
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
  self->early = runconf_snapshot_new_shared (NAME);
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
  g_clear_pointer (&self->early, runconf_snapshot_unref);
  g_cond_clear (&self->opened);
  g_free (self);
}

static void
use (RunconfBackendOpening *self, RunconfConfiguration *configuration)
{
  guint64 version = runconf_configuration_get_version (configuration);

  runconf_backend_guard_lock ();
  self->version = version;
  g_atomic_pointer_set (&self->configuration, configuration);
  g_cond_broadcast (&self->opened);
  runconf_backend_guard_unlock ();
}

/* A service that runs has linked its memory, so the first reads needn't wait for a reply. This
 * early snapshot is read until the configuration has values of the service.
 */
static void
drop_early (RunconfConfiguration *configuration, GParamSpec *pspec, gpointer user_data)
{
  RunconfBackendOpening *self = user_data;
  RunconfSnapshot *early;

  if (!runconf_configuration_get_connected (configuration))
    return;

  runconf_backend_guard_lock ();
  early = g_atomic_pointer_exchange (&self->early, NULL);
  runconf_backend_guard_unlock ();
  g_clear_pointer (&early, runconf_snapshot_unref);
}

static void
unref_closure_data (gpointer data, GClosure *closure)
{
  runconf_backend_opening_unref (data);
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
  if (g_atomic_pointer_get (&start->opening->early) != NULL)
    {
      g_signal_connect_data (configuration, "notify::connected", G_CALLBACK (drop_early),
                             runconf_backend_opening_ref (start->opening), unref_closure_data, 0);
      drop_early (configuration, NULL, start->opening);
    }
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

/**
 * runconf_backend_opening_get_early:
 *
 * Returns: (transfer full) (nullable): the values to read until the configuration has values, if
 *   there are any
 */
RunconfSnapshot *
runconf_backend_opening_get_early (RunconfBackendOpening *self)
{
  RunconfSnapshot *early;

  if (G_LIKELY (g_atomic_pointer_get (&self->early) == NULL))
    return NULL;

  runconf_backend_guard_lock ();
  early = self->early != NULL ? runconf_snapshot_ref (self->early) : NULL;
  runconf_backend_guard_unlock ();

  return early;
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
 * runconf_backend_opening_was_early:
 * @version: the version of the values now
 *
 * Returns: whether a read may have had other values: those before a change since the configuration was
 *   opened, or none since it had to do without the configuration
 */
gboolean
runconf_backend_opening_was_early (RunconfBackendOpening *self, guint64 version)
{
  gboolean was_early;

  runconf_backend_guard_lock ();
  was_early = self->was_missed || self->version != version;
  runconf_backend_guard_unlock ();

  return was_early;
}
