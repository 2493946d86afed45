/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/* The maximum number of violations that one check reports. */
#define RUNCONF_MAX_VIOLATIONS 100

/**
 * RunconfViolation:
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
} RunconfViolation;

/**
 * RunconfSchema:
 *
 * A parsed JSON Schema, draft-07. It is immutable, so any thread may use it.
 */
typedef struct _RunconfSchema RunconfSchema;

RunconfSchema *runconf_schema_new (const RunconfNode *root, char **where, GError **error);
RunconfSchema *runconf_schema_ref (RunconfSchema *self);
void runconf_schema_unref (RunconfSchema *self);

GPtrArray *runconf_schema_check (RunconfSchema *self, const RunconfNode *tree);
GPtrArray *runconf_schema_check_change (RunconfSchema *self, const RunconfNode *before,
                                        const RunconfNode *after);

/* marks: `readOnly` locks a path, `writeOnly` makes it secret */
gboolean runconf_schema_is_locked (RunconfSchema *self, const RunconfPath *path);
gboolean runconf_schema_is_secret (RunconfSchema *self, const RunconfPath *path);
gboolean runconf_schema_has_locks (RunconfSchema *self);
gboolean runconf_schema_has_secrets (RunconfSchema *self);
RunconfNode *runconf_schema_strip_secrets (RunconfSchema *self, const RunconfNode *tree);
char *runconf_schema_find_secret_above (RunconfSchema *self, const char *pointer);
GPtrArray *runconf_schema_find_secrets (RunconfSchema *self, const RunconfNode *tree);
GPtrArray *runconf_schema_find_locks (RunconfSchema *self, const RunconfNode *tree);

void runconf_schema_describe (RunconfSchema *self, const RunconfPath *path, GVariantBuilder *facts);
void runconf_schema_describe_keys (RunconfSchema *self, const RunconfPath *path,
                                   const RunconfNode *value, GVariantBuilder *keys);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfSchema, runconf_schema_unref)

G_END_DECLS
