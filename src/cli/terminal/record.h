/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/mapping.h"

G_BEGIN_DECLS

void cli_record_take (RunconfMappingBuilder *self, const char *key, RunconfNode *value);
void cli_record_add_text (RunconfMappingBuilder *self, const char *key, const char *text);
void cli_record_add_strv (RunconfMappingBuilder *self, const char *key, const char *const *strv);
RunconfNode *cli_record_end (RunconfMappingBuilder *self);

GPtrArray *cli_records_new (void);
RunconfNode *cli_records_end (GPtrArray *records);

G_END_DECLS
