/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

RunconfNode *runconf_mapping_new_empty (void);
RunconfNode *runconf_mapping_new_take (const char *keys, gsize n_bytes, RunconfNode **values,
                                       guint length, const RunconfNode *like, guint *first,
                                       guint *second);

const RunconfNode *runconf_mapping_get (const RunconfNode *self, const char *key);
const char *runconf_mapping_get_key (const RunconfNode *self, guint position, gsize *length);

RunconfNode *runconf_mapping_with (const RunconfNode *self, const char *key,
                                   const RunconfNode *value);
RunconfNode *runconf_mapping_as (const RunconfNode *self, gboolean replacing);
RunconfNode *runconf_mapping_without (const RunconfNode *self, const char *key);

GArray *runconf_mapping_changes_new (void);
void runconf_mapping_changes_add (GArray *changes, const char *key, RunconfNode *value);
RunconfNode *runconf_mapping_change (const RunconfNode *self, GArray *changes);

gboolean runconf_mapping_shares_keys (const RunconfNode *a, const RunconfNode *b);
gboolean runconf_mapping_next_difference (const RunconfNode *a, const RunconfNode *b,
                                          guint *position);

/**
 * RunconfMappingBuilder:
 *
 * Collects the keys and values of a new mapping, in order.
 */
typedef struct _RunconfMappingBuilder RunconfMappingBuilder;

RunconfMappingBuilder *runconf_mapping_builder_new (void);
RunconfMappingBuilder *runconf_mapping_builder_new_from (const RunconfNode *mapping);
void runconf_mapping_builder_free (RunconfMappingBuilder *self);

gboolean runconf_mapping_builder_find (const RunconfMappingBuilder *self, const char *key,
                                       gsize length, guint *position);
gboolean runconf_mapping_builder_add (RunconfMappingBuilder *self, const char *key, gsize length,
                                      const RunconfNode *value);
void runconf_mapping_builder_set (RunconfMappingBuilder *self, const char *key, gsize length,
                                  const RunconfNode *value);
void runconf_mapping_builder_remove (RunconfMappingBuilder *self, const char *key, gsize length);
RunconfNode *runconf_mapping_builder_end (RunconfMappingBuilder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfMappingBuilder, runconf_mapping_builder_free)

G_END_DECLS
