/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schema/schema.h"

G_BEGIN_DECLS

RunconfNode *read_yaml (const char *text);
RunconfSchema *read_schema (const char *text);
RunconfPath *read_path (const char *pointer);
char *print_violations (GPtrArray *violations);
void assert_violations (RunconfSchema *schema, const char *tree, const char *wanted);

G_END_DECLS
