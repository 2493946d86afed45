/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "arena/writer.h"

G_BEGIN_DECLS

/**
 * RunconfArenaPublisher:
 *
 * The arenas of a configuration: the current one, for new readers, and the one before it as long as
 * that has room.
 */
typedef struct _RunconfArenaPublisher RunconfArenaPublisher;

RunconfArenaPublisher *runconf_arena_publisher_new (const RunconfArenaContent *content,
                                                    GError **error);
void runconf_arena_publisher_free (RunconfArenaPublisher *self);

gboolean runconf_arena_publisher_publish (RunconfArenaPublisher *self,
                                          const RunconfArenaContent *before,
                                          const RunconfArenaContent *after, gboolean *is_fresh,
                                          GError **error);
gboolean runconf_arena_publisher_renew (RunconfArenaPublisher *self,
                                        const RunconfArenaContent *content, GError **error);
int runconf_arena_publisher_open (const RunconfArenaPublisher *self, GError **error);
int runconf_arena_publisher_get_fd (const RunconfArenaPublisher *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfArenaPublisher, runconf_arena_publisher_free)

G_END_DECLS
