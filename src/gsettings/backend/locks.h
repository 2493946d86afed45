/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfBackendLocks:
 *
 * The locked paths of a configuration. Each function may be called in any thread.
 */
typedef struct _RunconfBackendLocks RunconfBackendLocks;

RunconfBackendLocks *runconf_backend_locks_new (void);
void runconf_backend_locks_free (RunconfBackendLocks *self);

GPtrArray *runconf_backend_locks_take (RunconfBackendLocks *self, char **locks);
gboolean runconf_backend_locks_has (RunconfBackendLocks *self, const char *key);

G_END_DECLS
