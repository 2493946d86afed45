/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/* How much deeper each level stands. */
#define RUNCONF_INDENT 2

void runconf_emit_yaml (GString *out, const RunconfNode *root);

void runconf_emit_key (GString *out, const char *key, gsize length, guint indent,
                       const char *line_end);
void runconf_emit_value (GString *out, const RunconfNode *node, guint indent, const char *line_end);
void runconf_emit_block (GString *out, const RunconfNode *node, guint indent, const char *line_end);

G_END_DECLS
