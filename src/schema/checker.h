/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schema/private.h"

G_BEGIN_DECLS

/**
 * RunconfSchemaChecker:
 * @violations: (nullable): the violations found, %NULL in a trial, which only needs the result
 * @max_violations: the number of violations at which the check stops
 * @known: (nullable) (element-type utf8): the runconf_violation_get_identity() of violations that
 *   aren't reported
 * @path: the current path in the tree; it isn't updated in a trial
 * @budget: the number of steps left
 * @cpu: the CPU time of the thread, in µs, when it was last read; 0 before the first match
 *
 * The state of checking a tree.
 */
typedef struct
{
  RunconfSchema *schema;
  GPtrArray *violations;
  guint max_violations;
  GHashTable *known;
  GString *path;
  gint64 budget;
  gint64 cpu;
} RunconfSchemaChecker;

/* Each function returns whether @value is valid; the violations only serve as messages. */
gboolean runconf_checker_check (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                                const RunconfNode *value);
gboolean runconf_checker_try (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                              const RunconfNode *value);
GPtrArray *runconf_checker_explain (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                                    const RunconfNode *value);

gboolean runconf_checker_is_done (RunconfSchemaChecker *self);
gboolean runconf_checker_spend (RunconfSchemaChecker *self, gint64 steps);
RunconfMatch runconf_checker_match (RunconfSchemaChecker *self, const RunconfPattern *pattern,
                                    const char *text, gsize length);

gsize runconf_checker_enter (RunconfSchemaChecker *self, const char *segment);
gsize runconf_checker_enter_index (RunconfSchemaChecker *self, guint index);
void runconf_checker_leave (RunconfSchemaChecker *self, gsize length);

gboolean runconf_checker_is_secret (RunconfSchemaChecker *self);
gboolean runconf_checker_refuse (RunconfSchemaChecker *self, RunconfKeyword rule,
                                 const RunconfNode *value, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
gboolean runconf_checker_refuse_key (RunconfSchemaChecker *self, RunconfKeyword rule,
                                     const char *key, const char *format, ...) G_GNUC_PRINTF (4, 5);
gboolean runconf_checker_refuse_lack (RunconfSchemaChecker *self, RunconfKeyword rule,
                                      const char *key, const char *reason);
void runconf_checker_refuse_limits (RunconfSchemaChecker *self, const char *path);

gboolean runconf_checker_check_type (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                                     const RunconfNode *value);
gboolean runconf_checker_check_choice (RunconfSchemaChecker *self,
                                       const RunconfSubschema *subschema, const RunconfNode *value);
gboolean runconf_checker_check_number (RunconfSchemaChecker *self,
                                       const RunconfSubschema *subschema, const RunconfNode *value);
gboolean runconf_checker_check_string (RunconfSchemaChecker *self,
                                       const RunconfSubschema *subschema, const RunconfNode *value);
gboolean runconf_checker_check_sequence (RunconfSchemaChecker *self,
                                         const RunconfSubschema *subschema,
                                         const RunconfNode *value);
gboolean runconf_checker_check_mapping (RunconfSchemaChecker *self,
                                        const RunconfSubschema *subschema,
                                        const RunconfNode *value);
gboolean runconf_checker_check_branches (RunconfSchemaChecker *self,
                                         const RunconfSubschema *subschema,
                                         const RunconfNode *value);

gboolean runconf_checker_refuse_forms (RunconfSchemaChecker *self, RunconfKeyword rule,
                                       GPtrArray *branches, const RunconfNode *value);

char *runconf_subschema_show_title (const RunconfSubschema *self);
char *runconf_violation_get_identity (const RunconfViolation *self);
double runconf_checker_get_count (const RunconfNode *limit);

G_END_DECLS
