/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/watch/symlink-chain.h"

G_BEGIN_DECLS

gboolean runconf_inotify_reaches (const char *path, const RunconfSymlinkChain *chain);

G_END_DECLS
