/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/snapshot.h>

#include "arena/arena.h"
#include "client/complaints.h"

G_BEGIN_DECLS

struct _RunconfSnapshot
{
  gint ref_count; /* atomic */
  RunconfArena *arena;
  RunconfArenaView view;
  RunconfComplaints *complaints;

  /* of a part of a configuration: the snapshot that is read, and the path of the part */
  RunconfSnapshot *whole;
  char *base;
};

RunconfSnapshot *runconf_snapshot_new_take (RunconfArena *arena, const RunconfArenaView *view,
                                            RunconfComplaints *complaints);
RunconfSnapshot *runconf_snapshot_get_at (RunconfSnapshot *self, guint64 version);
RunconfSnapshot *runconf_snapshot_get_first (RunconfSnapshot *self);
RunconfSnapshot *runconf_snapshot_get_part (RunconfSnapshot *self, const char *base);

G_END_DECLS
