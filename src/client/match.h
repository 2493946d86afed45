/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RunconfMatch:
 *
 * A use of a match rule of a connection to the bus. All uses of the same rule share one rule on the
 * bus. For the worker thread only.
 */
typedef struct _RunconfMatch RunconfMatch;

/**
 * RunconfMatchFunc:
 * @error: (nullable): %NULL if the bus has the rule now; otherwise the reason why it refused the rule
 *
 * Called with the reply of the bus. May free any use, and make new ones.
 */
typedef void (*RunconfMatchFunc) (gpointer user_data, RunconfMatch *match, const GError *error);

RunconfMatch *runconf_match_new (GDBusConnection *connection, const char *rule,
                                 RunconfMatchFunc func, gpointer user_data);
void runconf_match_free (RunconfMatch *self);

gboolean runconf_match_is_active (const RunconfMatch *self);

G_END_DECLS
