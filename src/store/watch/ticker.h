/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * RunconfTicker:
 *
 * One timer for many objects, which runs only while it has members: a main loop checks each of its
 * timers in every iteration.
 */
typedef struct _RunconfTicker RunconfTicker;

typedef void (*RunconfTickFunc) (gpointer member);

RunconfTicker *runconf_ticker_new (GMainContext *context, guint seconds, RunconfTickFunc func);
void runconf_ticker_free (RunconfTicker *self);

void runconf_ticker_join (RunconfTicker *self, gpointer member);
void runconf_ticker_leave (RunconfTicker *self, gpointer member);

G_END_DECLS
