/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/locks.h"
#include "schema/schema.h"

G_BEGIN_DECLS

/**
 * RunconfRules:
 *
 * The rules for values from the files beside the defaults: the schema, the locks and the secrets.
 * It never changes, so any thread may use it.
 */
typedef struct _RunconfRules RunconfRules;

RunconfRules *runconf_rules_new (RunconfSchema *schema, RunconfLocks *locks);
RunconfRules *runconf_rules_ref (RunconfRules *self);
void runconf_rules_unref (RunconfRules *self);

RunconfSchema *runconf_rules_get_schema (const RunconfRules *self);
RunconfLocks *runconf_rules_get_locks (const RunconfRules *self);

gboolean runconf_rules_equal (const RunconfRules *self, const RunconfRules *other);

gboolean runconf_rules_have_locks (const RunconfRules *self);
gboolean runconf_rules_lock (const RunconfRules *self, const RunconfPath *path, char **by_whom);

GPtrArray *runconf_rules_list_locks (const RunconfRules *self, const RunconfNode *tree);

gboolean runconf_rules_have_secrets (const RunconfRules *self);
gboolean runconf_rules_hide (const RunconfRules *self, const RunconfPath *path);
gboolean runconf_rules_check_outside (const RunconfRules *self, const RunconfPath *path,
                                      GError **error);
RunconfNode *runconf_rules_strip (const RunconfRules *self, const RunconfNode *tree);
GPtrArray *runconf_rules_find_secrets (const RunconfRules *self, const RunconfNode *tree);
GPtrArray *runconf_rules_find_secrets_below (const RunconfRules *self, const RunconfNode *tree,
                                             const char *pointer);

GPtrArray *runconf_rules_check (const RunconfRules *self, const RunconfNode *defaults,
                                const RunconfNode *effective);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfRules, runconf_rules_unref)

G_END_DECLS
