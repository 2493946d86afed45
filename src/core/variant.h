/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/* Conversion between nodes and the values of D-Bus messages. */

GVariant *runconf_node_to_variant (const RunconfNode *self);
RunconfNode *runconf_node_from_variant (GVariant *variant, const char *pointer, GError **error);

G_END_DECLS
