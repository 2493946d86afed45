/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/* Conversion between nodes and the values of D-Bus messages. */

GVariant *runconf_node_to_variant (const RunconfNode *self);
RunconfNode *runconf_node_from_variant (GVariant *variant, const char *pointer, GError **error);

GVariant *runconf_variant_new_strings (const char *const *strings, gsize n_strings);
gsize runconf_variant_get_offset_size (guint64 n_bytes, guint64 n_elements);

G_END_DECLS
