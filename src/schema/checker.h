/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schema/private.h"

G_BEGIN_DECLS

/**
 * RunconfdSchemaChecker:
 * @violations: (nullable): the violations found, %NULL in a trial, which only needs the result
 * @max_violations: the number of violations at which the check stops
 * @known: (nullable) (element-type utf8): the runconfd_violation_get_identity() of violations that
 *   aren't reported
 * @path: the current path in the tree; it isn't updated in a trial
 * @budget: the number of steps left
 * @cpu: the CPU time of the thread, in µs, when it was last read
 *
 * The state of checking a tree.
 */
typedef struct
{
  RunconfdSchema *schema;
  GPtrArray *violations;
  guint max_violations;
  GHashTable *known;
  GString *path;
  gint64 budget;
  gint64 cpu;
} RunconfdSchemaChecker;

/* Each function returns whether @value is valid; the violations only serve as messages. */
gboolean runconfd_checker_check (RunconfdSchemaChecker *self, const RunconfdSubschema *subschema,
                                 const RunconfNode *value);
gboolean runconfd_checker_try (RunconfdSchemaChecker *self, const RunconfdSubschema *subschema,
                               const RunconfNode *value);
GPtrArray *runconfd_checker_explain (RunconfdSchemaChecker *self,
                                     const RunconfdSubschema *subschema, const RunconfNode *value);

gboolean runconfd_checker_is_done (RunconfdSchemaChecker *self);
gboolean runconfd_checker_spend (RunconfdSchemaChecker *self, gint64 steps);
RunconfdMatch runconfd_checker_match (RunconfdSchemaChecker *self, const RunconfdPattern *pattern,
                                      const char *text, gsize length);

gsize runconfd_checker_enter (RunconfdSchemaChecker *self, const char *segment);
gsize runconfd_checker_enter_index (RunconfdSchemaChecker *self, guint index);
void runconfd_checker_leave (RunconfdSchemaChecker *self, gsize length);

gboolean runconfd_checker_is_secret (RunconfdSchemaChecker *self);
gboolean runconfd_checker_refuse (RunconfdSchemaChecker *self, RunconfdKeyword rule,
                                  const RunconfNode *value, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
gboolean runconfd_checker_refuse_key (RunconfdSchemaChecker *self, RunconfdKeyword rule,
                                      const char *key, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
gboolean runconfd_checker_refuse_lack (RunconfdSchemaChecker *self, RunconfdKeyword rule,
                                       const char *key, const char *reason);
void runconfd_checker_refuse_limits (RunconfdSchemaChecker *self, const char *path);

gboolean runconfd_checker_check_type (RunconfdSchemaChecker *self,
                                      const RunconfdSubschema *subschema, const RunconfNode *value);
gboolean runconfd_checker_check_choice (RunconfdSchemaChecker *self,
                                        const RunconfdSubschema *subschema,
                                        const RunconfNode *value);
gboolean runconfd_checker_check_number (RunconfdSchemaChecker *self,
                                        const RunconfdSubschema *subschema,
                                        const RunconfNode *value);
gboolean runconfd_checker_check_string (RunconfdSchemaChecker *self,
                                        const RunconfdSubschema *subschema,
                                        const RunconfNode *value);
gboolean runconfd_checker_check_sequence (RunconfdSchemaChecker *self,
                                          const RunconfdSubschema *subschema,
                                          const RunconfNode *value);
gboolean runconfd_checker_check_mapping (RunconfdSchemaChecker *self,
                                         const RunconfdSubschema *subschema,
                                         const RunconfNode *value);
gboolean runconfd_checker_check_branches (RunconfdSchemaChecker *self,
                                          const RunconfdSubschema *subschema,
                                          const RunconfNode *value);

gboolean runconfd_checker_refuse_forms (RunconfdSchemaChecker *self, RunconfdKeyword rule,
                                        GPtrArray *branches, const RunconfNode *value);

char *runconfd_subschema_show_title (const RunconfdSubschema *self);
char *runconfd_violation_get_identity (const RunconfdViolation *self);
double runconfd_checker_get_count (const RunconfNode *limit);

G_END_DECLS
