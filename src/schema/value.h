/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/* Values as JSON Schema defines them: 1 equals 1.0, and binary is a string in base64. */
gboolean runconfd_value_equal (const RunconfNode *a, const RunconfNode *b);
guint runconfd_value_hash (const RunconfNode *value);
gboolean runconfd_value_compare (const RunconfNode *a, const RunconfNode *b, int *order);
gboolean runconfd_value_is_multiple (const RunconfNode *value, const RunconfNode *of);
char *runconfd_value_get_text (const RunconfNode *value, gsize *length);
char *runconfd_value_show (const RunconfNode *value);

G_END_DECLS
