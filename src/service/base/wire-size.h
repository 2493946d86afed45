/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

gsize runconfd_wire_size_get (const RunconfNode *node);
gboolean runconfd_wire_size_check (gsize size, const char *path, GError **error);

G_END_DECLS
