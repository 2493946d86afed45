/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/* Values as JSON Schema defines them: 1 equals 1.0, and binary is a string in base64. */
gboolean runconf_value_equal (const RunconfNode *a, const RunconfNode *b);
guint runconf_value_hash (const RunconfNode *value);
gboolean runconf_value_compare (const RunconfNode *a, const RunconfNode *b, int *order);
gboolean runconf_value_is_multiple (const RunconfNode *value, const RunconfNode *of);
char *runconf_value_get_text (const RunconfNode *value, gsize *length);
char *runconf_value_show (const RunconfNode *value);

G_END_DECLS
