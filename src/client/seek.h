/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RunconfSeek:
 *
 * A search for a bus. It is used in the worker thread only.
 */
typedef struct _RunconfSeek RunconfSeek;

/**
 * RunconfSeekFunc:
 * @connection: (nullable): the connection to the bus, which ends and frees the search; %NULL if there
 *   is no bus, and the search goes on
 * @error: (nullable): the reason why there is no bus
 */
typedef void (*RunconfSeekFunc) (gpointer user_data, GDBusConnection *connection,
                                 const GError *error);

RunconfSeek *runconf_seek_new (GBusType type, RunconfSeekFunc func, gpointer user_data);
void runconf_seek_free (RunconfSeek *self);

G_END_DECLS
