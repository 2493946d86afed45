/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/link.h"
#include "client/listener.h"

G_BEGIN_DECLS

/**
 * RunconfEars:
 *
 * The listeners of a configuration, and the match rules for them on the bus. For the worker thread
 * only.
 */
typedef struct _RunconfEars RunconfEars;

/**
 * RunconfEarsFunc:
 *
 * Called when the bus has the rules that each configuration needs, after it had refused one, and
 * when it refuses the rule for all changes: signals may have been missed.
 */
typedef void (*RunconfEarsFunc) (gpointer user_data);

RunconfEars *runconf_ears_new (RunconfLink *link, RunconfEarsFunc func, gpointer user_data);
void runconf_ears_free (RunconfEars *self);

void runconf_ears_open (RunconfEars *self, GDBusConnection *connection);
void runconf_ears_close (RunconfEars *self);
gboolean runconf_ears_set_attentive (RunconfEars *self, gboolean is_attentive);

void runconf_ears_add (RunconfEars *self, RunconfListener *listener);
void runconf_ears_remove (RunconfEars *self, RunconfListener *listener);

void runconf_ears_notify (RunconfEars *self, const char *const *paths, guint64 version,
                          GVariant *details);
void runconf_ears_compare (RunconfEars *self);
void runconf_ears_move (RunconfEars *self);

G_END_DECLS
