/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

RunconfNode *cli_patch_read (const char *text, const char *file, const char *path, GError **error);

G_END_DECLS
