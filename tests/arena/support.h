/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "arena/writer.h"
#include "tests/core/testutil.h"

G_BEGIN_DECLS

RunconfArenaContent content_new (guint64 version, const RunconfNode *defaults,
                                 const RunconfNode *overrides);
void content_clear (RunconfArenaContent *content);

RunconfArena *open_arena (const RunconfArenaWriter *writer);
gsize get_used (const RunconfArenaWriter *writer);
char *print_view (const RunconfArenaView *view, const char *path);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RunconfArenaContent, content_clear)

G_END_DECLS
