/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/call.h"
#include "client/link.h"
#include "client/listener.h"

G_BEGIN_DECLS

/* A configuration in memory: what the service does for others, in the process of the program. Any
 * thread may use it.
 */

RunconfLink *runconf_memory_new (const char *name, GVariant *defaults, RunconfNotices *notices,
                                 GError **error);
void runconf_memory_free (RunconfMemory *self);

void runconf_memory_add (RunconfMemory *self, RunconfListener *listener);
void runconf_memory_remove (RunconfMemory *self, RunconfListener *listener);

GVariant *runconf_memory_call (RunconfMemory *self, RunconfMethod method, GVariant *arguments,
                               GError **error);

G_END_DECLS
