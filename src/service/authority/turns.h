/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfdTurns:
 *
 * The order in which the calls of each caller run. A caller is identified by its unique name on the
 * bus; all calls without a bus are of one caller, whose name is %NULL. Calls of different callers
 * don't wait for each other here.
 *
 * A call takes a turn, which comes at once unless an earlier call of the same caller holds the turns,
 * or has a write under way that the call needs to see.
 */
typedef struct _RunconfdTurns RunconfdTurns;

typedef void (*RunconfdTurnsFunc) (gpointer call);

RunconfdTurns *runconfd_turns_new (void);
void runconfd_turns_free (RunconfdTurns *self);

void runconfd_turns_take (RunconfdTurns *self, const char *caller, gboolean sees_writes,
                          RunconfdTurnsFunc func, gpointer call);
void runconfd_turns_hold (RunconfdTurns *self, const char *caller);
void runconfd_turns_release (RunconfdTurns *self, const char *caller);
void runconfd_turns_begin_write (RunconfdTurns *self, const char *caller);
void runconfd_turns_end_write (RunconfdTurns *self, const char *caller);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdTurns, runconfd_turns_free)

G_END_DECLS
