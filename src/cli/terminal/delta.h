/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/diff.h"

G_BEGIN_DECLS

void cli_deltas_print (GPtrArray *deltas);
void cli_deltas_report (GPtrArray *deltas);
RunconfNode *cli_deltas_to_node (GPtrArray *deltas);
char *cli_delta_format (const RunconfDelta *delta);

G_END_DECLS
