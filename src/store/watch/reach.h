/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/watch/symlink-chain.h"

G_BEGIN_DECLS

gboolean runconf_is_beyond_inotify (const char *path, const RunconfSymlinkChain *chain);

G_END_DECLS
