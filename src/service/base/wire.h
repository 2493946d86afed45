/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

gsize runconfd_wire_get_size (const RunconfNode *node);
gboolean runconfd_wire_check_size (gsize size, const char *path, GError **error);

G_END_DECLS
