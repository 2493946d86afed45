/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/link.h"
#include "client/listener.h"
#include "client/stall.h"

G_BEGIN_DECLS

/**
 * RunconfReceiver:
 *
 * Receives the signals of the service for one configuration, in the worker thread. Its functions
 * only post a request to that thread, which does the requests later, in order.
 */
typedef struct _RunconfReceiver RunconfReceiver;

RunconfReceiver *runconf_receiver_new (RunconfLink *link, gboolean may_start);
void runconf_receiver_unref (RunconfReceiver *self);

RunconfStall *runconf_receiver_get_stall (RunconfReceiver *self);
void runconf_receiver_start (RunconfReceiver *self);
void runconf_receiver_close (RunconfReceiver *self);
void runconf_receiver_wake (RunconfReceiver *self);
void runconf_receiver_attend (RunconfReceiver *self);
void runconf_receiver_add (RunconfReceiver *self, RunconfListener *listener);
void runconf_receiver_remove (RunconfReceiver *self, RunconfListener *listener);

G_END_DECLS
