/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The mutex of all state that threads of the program share with the worker thread. It is held for
 * some instructions only, never while a function of GIO or of the program is called, and isn't held
 * in a child of fork().
 */
void runconf_backend_guard_prepare (void);
void runconf_backend_guard_lock (void);
void runconf_backend_guard_unlock (void);
void runconf_backend_guard_wait (GCond *cond);
gboolean runconf_backend_guard_wait_until (GCond *cond, gint64 end);
gboolean runconf_backend_guard_is_child (void);

G_END_DECLS
