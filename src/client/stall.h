/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/link.h"

G_BEGIN_DECLS

/**
 * RunconfStall:
 *
 * Notices that the service doesn't reply.
 */
typedef struct _RunconfStall RunconfStall;

/**
 * RunconfStallFunc:
 * @is_stalled: whether the service doesn't reply; %FALSE when it replies again
 *
 * Is called in the worker thread.
 */
typedef void (*RunconfStallFunc) (gpointer user_data, gboolean is_stalled);

/**
 * RunconfWait:
 *
 * A call that waits for its reply.
 */
typedef struct _RunconfWait RunconfWait;

RunconfStall *runconf_stall_new (RunconfLink *link, RunconfStallFunc func, gpointer user_data);
RunconfStall *runconf_stall_ref (RunconfStall *self);
void runconf_stall_unref (RunconfStall *self);

/* in any thread */
RunconfWait *runconf_stall_begin (RunconfStall *self);
void runconf_stall_end (RunconfStall *self, RunconfWait *wait);

/* for the worker thread only */
void runconf_stall_ping (RunconfStall *self, gboolean is_awaited);
void runconf_stall_close (RunconfStall *self);

G_END_DECLS
