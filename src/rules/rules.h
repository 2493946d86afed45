/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/locks.h"
#include "schema/schema.h"

G_BEGIN_DECLS

/**
 * RunconfdRules:
 *
 * The rules for values from the files beside the defaults: the schema, the locks and the secrets.
 * It never changes, so any thread may use it.
 */
typedef struct _RunconfdRules RunconfdRules;

RunconfdRules *runconfd_rules_new (RunconfSchema *schema, RunconfLocks *locks);
RunconfdRules *runconfd_rules_ref (RunconfdRules *self);
void runconfd_rules_unref (RunconfdRules *self);

RunconfSchema *runconfd_rules_get_schema (const RunconfdRules *self);
RunconfLocks *runconfd_rules_get_locks (const RunconfdRules *self);

gboolean runconfd_rules_equal (const RunconfdRules *self, const RunconfdRules *other);

gboolean runconfd_rules_have_locks (const RunconfdRules *self);
gboolean runconfd_rules_lock (const RunconfdRules *self, const RunconfPath *path, char **by_whom);

gboolean runconfd_rules_have_secrets (const RunconfdRules *self);
gboolean runconfd_rules_hide (const RunconfdRules *self, const RunconfPath *path);
gboolean runconfd_rules_check_outside (const RunconfdRules *self, const RunconfPath *path,
                                       GError **error);
RunconfNode *runconfd_rules_strip (const RunconfdRules *self, const RunconfNode *tree);
GPtrArray *runconfd_rules_find_secrets (const RunconfdRules *self, const RunconfNode *tree);

GPtrArray *runconfd_rules_check (const RunconfdRules *self, const RunconfNode *defaults,
                                 const RunconfNode *effective);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdRules, runconfd_rules_unref)

G_END_DECLS
