/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/* The maximum number of violations that one check reports. */
#define RUNCONFD_MAX_VIOLATIONS 100

/**
 * RunconfdViolation:
 * @path: a JSON Pointer to the invalid value
 * @rule: the violated keyword of the schema, like `maximum`; `limits` if the check took too long
 * @key: (nullable): the missing key, if @rule is `required` or `dependencies`
 * @text: the problem and a valid alternative
 * @message: @text, with the path before it
 *
 * One violation of a schema in a tree.
 */
typedef struct
{
  char *path;
  char *rule;
  char *key;
  char *text;
  char *message;
} RunconfdViolation;

GPtrArray *runconfd_violations_get_new (GPtrArray *before, GPtrArray *after);

/**
 * RunconfdSchema:
 *
 * A parsed JSON Schema, draft-07. It is immutable, so any thread may use it.
 */
typedef struct _RunconfdSchema RunconfdSchema;

RunconfdSchema *runconfd_schema_new (const RunconfNode *root, char **where, GError **error);
RunconfdSchema *runconfd_schema_ref (RunconfdSchema *self);
void runconfd_schema_unref (RunconfdSchema *self);

GPtrArray *runconfd_schema_check (RunconfdSchema *self, const RunconfNode *tree);
GPtrArray *runconfd_schema_check_change (RunconfdSchema *self, const RunconfNode *before,
                                         const RunconfNode *after);

/* marks: `readOnly` locks a path, `writeOnly` makes it secret */
gboolean runconfd_schema_is_locked (RunconfdSchema *self, const RunconfPath *path);
gboolean runconfd_schema_is_secret (RunconfdSchema *self, const RunconfPath *path);
gboolean runconfd_schema_has_locks (RunconfdSchema *self);
gboolean runconfd_schema_has_secrets (RunconfdSchema *self);
RunconfNode *runconfd_schema_strip_secrets (RunconfdSchema *self, const RunconfNode *tree);
char *runconfd_schema_find_secret_above (RunconfdSchema *self, const char *pointer);
GPtrArray *runconfd_schema_find_secrets (RunconfdSchema *self, const RunconfNode *tree);

void runconfd_schema_describe (RunconfdSchema *self, const RunconfPath *path,
                               GVariantBuilder *facts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdSchema, runconfd_schema_unref)

G_END_DECLS
