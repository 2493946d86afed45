/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/diff.h"

G_BEGIN_DECLS

GBytes *runconf_history_deltas_pack (GPtrArray *deltas);
GPtrArray *runconf_history_deltas_unpack (gconstpointer data, gsize size, const char *path);
GPtrArray *runconf_history_deltas_move (GPtrArray *deltas);
gboolean runconf_history_deltas_move_back (GPtrArray *deltas);
const char *runconf_history_get_shown (const char *path);

/**
 * RunconfHistorySum:
 *
 * The combined effect of several changes.
 */
typedef struct _RunconfHistorySum RunconfHistorySum;

RunconfHistorySum *runconf_history_sum_new (void);
void runconf_history_sum_free (RunconfHistorySum *self);
void runconf_history_sum_add (RunconfHistorySum *self, GPtrArray *later);
GPtrArray *runconf_history_sum_get_deltas (RunconfHistorySum *self);
RunconfNode *runconf_history_sum_take_back (RunconfHistorySum *self, const RunconfNode *now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfHistorySum, runconf_history_sum_free)

G_END_DECLS
