/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "arena/arena.h"

G_BEGIN_DECLS

/**
 * RunconfArenaContent:
 * @version: the version of the configuration
 * @time: the time of its last change, in µs since the epoch
 * @effective: the values that readers see
 * @defaults: the layer below the overrides; the effective tree shares its nodes that aren't
 *   overridden
 * @has_overrides: whether there are overrides
 *
 * A configuration at one version, to be written into an arena. It borrows the trees.
 */
typedef struct
{
  guint64 version;
  gint64 time;
  const RunconfNode *effective;
  const RunconfNode *defaults;
  gboolean has_overrides;
} RunconfArenaContent;

/**
 * RunconfArenaWriter:
 *
 * Creates an arena and publishes versions in it.
 */
typedef struct _RunconfArenaWriter RunconfArenaWriter;

RunconfArenaWriter *runconf_arena_writer_new (const RunconfArenaContent *content, GError **error);
RunconfArenaWriter *runconf_arena_writer_new_private (const RunconfArenaContent *content,
                                                      GError **error);
void runconf_arena_writer_free (RunconfArenaWriter *self);

gboolean runconf_arena_writer_publish (RunconfArenaWriter *self, const RunconfArenaContent *before,
                                       const RunconfArenaContent *after);
void runconf_arena_writer_set_stage (RunconfArenaWriter *self, RunconfArenaStage stage);
gboolean runconf_arena_writer_is_filling (const RunconfArenaWriter *self);

RunconfArena *runconf_arena_writer_get_arena (const RunconfArenaWriter *self);
int runconf_arena_writer_open (const RunconfArenaWriter *self, GError **error);
int runconf_arena_writer_get_fd (const RunconfArenaWriter *self);

RunconfArena *runconf_arena_new_private (const RunconfArenaContent *content, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfArenaWriter, runconf_arena_writer_free)

G_END_DECLS
