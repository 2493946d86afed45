/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/mapping.h"

G_BEGIN_DECLS

/* The JSON values in the store: records of texts, numbers and lists, as nodes. */

RunconfNode *runconf_fleet_record_read (GBytes *text, const char *name, GError **error);
GBytes *runconf_fleet_record_write (const RunconfNode *record);

void runconf_fleet_record_take (RunconfMappingBuilder *self, const char *key, RunconfNode *value);
void runconf_fleet_record_add_text (RunconfMappingBuilder *self, const char *key, const char *text);
void runconf_fleet_record_add_integer (RunconfMappingBuilder *self, const char *key, gint64 value);
void runconf_fleet_record_add_texts (RunconfMappingBuilder *self, const char *key,
                                     const char *const *texts);

const char *runconf_fleet_record_get_text (const RunconfNode *self, const char *key);
gint64 runconf_fleet_record_get_integer (const RunconfNode *self, const char *key);
char **runconf_fleet_record_get_texts (const RunconfNode *self, const char *key);

G_END_DECLS
