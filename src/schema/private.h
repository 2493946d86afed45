/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schema/format.h"
#include "schema/pattern.h"
#include "schema/schema.h"

G_BEGIN_DECLS

/* The structs of a parsed schema, and functions for the files of this folder. */

/* Limits of a schema. Real schemas stay far below them: the limits bound the cost of a check. */
#define RUNCONFD_MAX_SUBSCHEMAS 20000
#define RUNCONFD_MAX_IN_PLACE_DEPTH 64

typedef enum
{
  RUNCONFD_KEYWORD_ID,
  RUNCONFD_KEYWORD_SCHEMA,
  RUNCONFD_KEYWORD_REF,
  RUNCONFD_KEYWORD_COMMENT,
  RUNCONFD_KEYWORD_TITLE,
  RUNCONFD_KEYWORD_DESCRIPTION,
  RUNCONFD_KEYWORD_DEFAULT,
  RUNCONFD_KEYWORD_EXAMPLES,
  RUNCONFD_KEYWORD_DEPRECATED,
  RUNCONFD_KEYWORD_READ_ONLY,
  RUNCONFD_KEYWORD_WRITE_ONLY,
  RUNCONFD_KEYWORD_TYPE,
  RUNCONFD_KEYWORD_ENUM,
  RUNCONFD_KEYWORD_CONST,
  RUNCONFD_KEYWORD_MINIMUM,
  RUNCONFD_KEYWORD_MAXIMUM,
  RUNCONFD_KEYWORD_EXCLUSIVE_MINIMUM,
  RUNCONFD_KEYWORD_EXCLUSIVE_MAXIMUM,
  RUNCONFD_KEYWORD_MULTIPLE_OF,
  RUNCONFD_KEYWORD_MIN_LENGTH,
  RUNCONFD_KEYWORD_MAX_LENGTH,
  RUNCONFD_KEYWORD_PATTERN,
  RUNCONFD_KEYWORD_FORMAT,
  RUNCONFD_KEYWORD_CONTENT_ENCODING,
  RUNCONFD_KEYWORD_CONTENT_MEDIA_TYPE,
  RUNCONFD_KEYWORD_ITEMS,
  RUNCONFD_KEYWORD_ADDITIONAL_ITEMS,
  RUNCONFD_KEYWORD_CONTAINS,
  RUNCONFD_KEYWORD_MIN_ITEMS,
  RUNCONFD_KEYWORD_MAX_ITEMS,
  RUNCONFD_KEYWORD_UNIQUE_ITEMS,
  RUNCONFD_KEYWORD_PROPERTIES,
  RUNCONFD_KEYWORD_PATTERN_PROPERTIES,
  RUNCONFD_KEYWORD_ADDITIONAL_PROPERTIES,
  RUNCONFD_KEYWORD_PROPERTY_NAMES,
  RUNCONFD_KEYWORD_REQUIRED,
  RUNCONFD_KEYWORD_MIN_PROPERTIES,
  RUNCONFD_KEYWORD_MAX_PROPERTIES,
  RUNCONFD_KEYWORD_DEPENDENCIES,
  RUNCONFD_KEYWORD_DEFINITIONS,
  RUNCONFD_KEYWORD_ALL_OF,
  RUNCONFD_KEYWORD_ANY_OF,
  RUNCONFD_KEYWORD_ONE_OF,
  RUNCONFD_KEYWORD_NOT,
  RUNCONFD_KEYWORD_IF,
  RUNCONFD_KEYWORD_THEN,
  RUNCONFD_KEYWORD_ELSE,
} RunconfdKeyword;

#define RUNCONFD_N_KEYWORDS (RUNCONFD_KEYWORD_ELSE + 1)

const char *runconfd_keyword_get_name (RunconfdKeyword keyword);

/* the types of draft-07, as a set */
typedef enum
{
  RUNCONFD_TYPE_NULL = 1 << 0,
  RUNCONFD_TYPE_BOOLEAN = 1 << 1,
  RUNCONFD_TYPE_INTEGER = 1 << 2,
  RUNCONFD_TYPE_NUMBER = 1 << 3,
  RUNCONFD_TYPE_STRING = 1 << 4,
  RUNCONFD_TYPE_ARRAY = 1 << 5,
  RUNCONFD_TYPE_OBJECT = 1 << 6,
} RunconfdTypes;

RunconfdTypes runconfd_type_from_name (const char *name);
RunconfdTypes runconfd_types_of (const RunconfNode *value);
char *runconfd_types_print (RunconfdTypes types);

typedef enum
{
  RUNCONFD_MARK_LOCKED = 1 << 0,
  RUNCONFD_MARK_SECRET = 1 << 1,
} RunconfdMarks;

typedef struct _RunconfdSubschema RunconfdSubschema;

/* an entry of `patternProperties` */
typedef struct
{
  RunconfdPattern *pattern;
  RunconfdSubschema *subschema;
} RunconfdPatternMember;

/**
 * RunconfdSubschema:
 * @place: a JSON Pointer in the schema to this subschema
 * @keywords: the value of each keyword, %NULL if it is absent
 * @is_false: no value is valid; a subschema that is `true` has no keywords
 * @ref: the target of its `$ref`; then its other keywords aren't checked
 * @types: 0 if there is no `type`
 * @subschemas: of each keyword that has exactly one
 * @lists: of each keyword that has a list of them
 * @properties: (element-type utf8 RunconfdSubschema): the keys are owned by the tree
 * @dependencies: (element-type utf8 RunconfdSubschema): those that aren't lists of keys
 * @marks: the marks of the value itself; a list is marked as a whole
 * @deep_marks: the marks of the value and of all values below it
 *
 * One of the schemas that a schema consists of. The schema owns all of them.
 */
struct _RunconfdSubschema
{
  char *place;
  const RunconfNode *keywords[RUNCONFD_N_KEYWORDS];
  gboolean is_false;
  RunconfdSubschema *ref;

  RunconfdTypes types;
  RunconfdFormat format;
  RunconfdPattern *pattern;
  RunconfdSubschema *subschemas[RUNCONFD_N_KEYWORDS];
  GPtrArray *lists[RUNCONFD_N_KEYWORDS];
  GHashTable *properties;
  GHashTable *dependencies;
  GArray *pattern_properties;

  RunconfdMarks marks;
  RunconfdMarks deep_marks;

  /* used while the schema is read */
  guint height; /* of the tree of subschemas for the same value, 0 if it isn't known yet */
  gboolean is_active;
};

struct _RunconfdSchema
{
  gint ref_count; /* atomic */
  RunconfNode *tree;
  RunconfdSubschema *root;
  GPtrArray *subschemas;
};

/**
 * RunconfdRelation:
 * @RUNCONFD_RELATION_HERE: applies to the same value: `$ref`, `allOf`, `anyOf`, `oneOf`, `then`,
 *   `else` and `dependencies`
 * @RUNCONFD_RELATION_ASKED: is a condition on the same value: `if` and `not`
 * @RUNCONFD_RELATION_MEMBER: applies to a value in a mapping
 * @RUNCONFD_RELATION_ITEM: applies to a value in a sequence
 *
 * The relation of a subschema to the subschema that contains it.
 */
typedef enum
{
  RUNCONFD_RELATION_HERE = 1 << 0,
  RUNCONFD_RELATION_ASKED = 1 << 1,
  RUNCONFD_RELATION_MEMBER = 1 << 2,
  RUNCONFD_RELATION_ITEM = 1 << 3,
} RunconfdRelation;

typedef gboolean (*RunconfdSubschemaFunc) (RunconfdSubschema *child, gpointer data);

gboolean runconfd_subschema_each (const RunconfdSubschema *self, RunconfdRelation relations,
                                  RunconfdSubschemaFunc func, gpointer data);
gboolean runconfd_subschema_each_member (const RunconfdSubschema *self, const char *key,
                                         RunconfdSubschemaFunc func, gpointer data);
RunconfdSubschema *runconfd_subschema_get_item (const RunconfdSubschema *self, guint index,
                                                RunconfdKeyword *keyword);
void runconfd_subschema_free (RunconfdSubschema *self);

gboolean runconfd_schema_read (RunconfdSchema *self, char **where, GError **error);
gboolean runconfd_schema_check_depth (RunconfdSchema *self, char **where, GError **error);
void runconfd_schema_gather_marks (RunconfdSchema *self);
GPtrArray *runconfd_schema_get_certain (RunconfdSchema *self, const RunconfPath *path);

void runconfd_violation_free (RunconfdViolation *self);

G_END_DECLS
