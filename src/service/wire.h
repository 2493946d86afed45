/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

gsize runconfd_wire_get_size (const RunconfNode *node);

G_END_DECLS
