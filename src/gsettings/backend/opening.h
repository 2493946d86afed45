/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

G_BEGIN_DECLS

/**
 * RunconfBackendOpening:
 *
 * Opens the configuration in the worker thread, and lets readers wait for its first values.
 */
typedef struct _RunconfBackendOpening RunconfBackendOpening;

/* Called in the worker thread when the configuration is open. */
typedef void (*RunconfBackendOpeningFunc) (RunconfConfiguration *configuration, gpointer user_data);

RunconfBackendOpening *runconf_backend_opening_new (void);
RunconfBackendOpening *runconf_backend_opening_ref (RunconfBackendOpening *self);
void runconf_backend_opening_unref (RunconfBackendOpening *self);

void runconf_backend_opening_start (RunconfBackendOpening *self, RunconfBackendOpeningFunc func,
                                    gpointer user_data, GDestroyNotify destroy);
RunconfConfiguration *runconf_backend_opening_peek (RunconfBackendOpening *self);
RunconfSnapshot *runconf_backend_opening_get_early (RunconfBackendOpening *self);
RunconfConfiguration *runconf_backend_opening_wait (RunconfBackendOpening *self);
gboolean runconf_backend_opening_was_early (RunconfBackendOpening *self, guint64 version);

/**
 * runconf_backend_opening_get:
 *
 * Waits for the configuration, but only once in the life of the process, and not for long.
 *
 * Returns: (transfer none) (nullable): the configuration, %NULL if it isn't open
 */
static inline RunconfConfiguration *
runconf_backend_opening_get (RunconfBackendOpening *self)
{
  RunconfConfiguration *configuration = runconf_backend_opening_peek (self);

  return G_LIKELY (configuration != NULL) ? configuration : runconf_backend_opening_wait (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfBackendOpening, runconf_backend_opening_unref)

G_END_DECLS
