/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

void runconf_emit_json (GString *out, const RunconfNode *root);
void runconf_emit_json_line (GString *out, const RunconfNode *root);

G_END_DECLS
