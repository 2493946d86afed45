/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfVerb:
 * @RUNCONF_VERB_SET: overrides one path
 * @RUNCONF_VERB_MERGE: overrides every leaf of a patch; a null resets (RFC 7396)
 * @RUNCONF_VERB_RESET: removes the overrides at and below a path
 * @RUNCONF_VERB_SAVE: reduces the overrides to those that a wanted configuration needs
 * @RUNCONF_VERB_UNSET: takes the value at a path away, also one of the weaker layers
 * @RUNCONF_VERB_REPLACE: overrides one path; a mapping isn't merged with the weaker layers
 *
 * The operations on overrides.
 */
typedef enum
{
  RUNCONF_VERB_SET,
  RUNCONF_VERB_MERGE,
  RUNCONF_VERB_RESET,
  RUNCONF_VERB_SAVE,
  RUNCONF_VERB_UNSET,
  RUNCONF_VERB_REPLACE,
} RunconfVerb;

/**
 * RunconfOperation:
 *
 * One step of a change. Its path and value are checked as far as that is possible without the trees
 * that it will be applied to.
 */
typedef struct _RunconfOperation RunconfOperation;

gboolean runconf_verb_from_string (const char *name, RunconfVerb *verb, GError **error);
gboolean runconf_verb_has_value (RunconfVerb verb);

RunconfOperation *runconf_operation_new (RunconfVerb verb, const char *pointer,
                                         const RunconfNode *value, GError **error);
void runconf_operation_free (RunconfOperation *self);

RunconfVerb runconf_operation_get_verb (const RunconfOperation *self);
const RunconfPath *runconf_operation_get_path (const RunconfOperation *self);
const RunconfNode *runconf_operation_get_value (const RunconfOperation *self);

RunconfNode *runconf_operation_apply (const RunconfOperation *self, const RunconfNode *defaults,
                                      const RunconfNode *overrides, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfOperation, runconf_operation_free)

G_END_DECLS
