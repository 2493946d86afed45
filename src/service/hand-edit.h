/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/recent.h"
#include "yaml/document.h"

G_BEGIN_DECLS

RunconfNode *runconfd_hand_edit_read (RunconfDocument *saved, GBytes *stamp,
                                      RunconfDocument *on_disk, const RunconfNode *current,
                                      RunconfdRecent *recent);

RunconfNode *runconfd_hand_edit_read_late (RunconfDocument *late, RunconfDocument *replaced,
                                           const RunconfNode *current, RunconfdRecent *recent);

G_END_DECLS
