/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schema/format.h"
#include "schema/pattern.h"
#include "schema/schema.h"

G_BEGIN_DECLS

/* The structs of a parsed schema, and functions for the files of this folder. */

/* Limits of a schema. Real schemas stay far below them: the limits bound the cost of a check. */
#define RUNCONF_MAX_SUBSCHEMAS 20000
#define RUNCONF_MAX_IN_PLACE_DEPTH 64

typedef enum
{
  RUNCONF_KEYWORD_ID,
  RUNCONF_KEYWORD_SCHEMA,
  RUNCONF_KEYWORD_REF,
  RUNCONF_KEYWORD_COMMENT,
  RUNCONF_KEYWORD_TITLE,
  RUNCONF_KEYWORD_DESCRIPTION,
  RUNCONF_KEYWORD_DEFAULT,
  RUNCONF_KEYWORD_EXAMPLES,
  RUNCONF_KEYWORD_DEPRECATED,
  RUNCONF_KEYWORD_READ_ONLY,
  RUNCONF_KEYWORD_WRITE_ONLY,
  RUNCONF_KEYWORD_TYPE,
  RUNCONF_KEYWORD_ENUM,
  RUNCONF_KEYWORD_CONST,
  RUNCONF_KEYWORD_MINIMUM,
  RUNCONF_KEYWORD_MAXIMUM,
  RUNCONF_KEYWORD_EXCLUSIVE_MINIMUM,
  RUNCONF_KEYWORD_EXCLUSIVE_MAXIMUM,
  RUNCONF_KEYWORD_MULTIPLE_OF,
  RUNCONF_KEYWORD_MIN_LENGTH,
  RUNCONF_KEYWORD_MAX_LENGTH,
  RUNCONF_KEYWORD_PATTERN,
  RUNCONF_KEYWORD_FORMAT,
  RUNCONF_KEYWORD_CONTENT_ENCODING,
  RUNCONF_KEYWORD_CONTENT_MEDIA_TYPE,
  RUNCONF_KEYWORD_ITEMS,
  RUNCONF_KEYWORD_ADDITIONAL_ITEMS,
  RUNCONF_KEYWORD_CONTAINS,
  RUNCONF_KEYWORD_MIN_ITEMS,
  RUNCONF_KEYWORD_MAX_ITEMS,
  RUNCONF_KEYWORD_UNIQUE_ITEMS,
  RUNCONF_KEYWORD_PROPERTIES,
  RUNCONF_KEYWORD_PATTERN_PROPERTIES,
  RUNCONF_KEYWORD_ADDITIONAL_PROPERTIES,
  RUNCONF_KEYWORD_PROPERTY_NAMES,
  RUNCONF_KEYWORD_REQUIRED,
  RUNCONF_KEYWORD_MIN_PROPERTIES,
  RUNCONF_KEYWORD_MAX_PROPERTIES,
  RUNCONF_KEYWORD_DEPENDENCIES,
  RUNCONF_KEYWORD_DEFINITIONS,
  RUNCONF_KEYWORD_ALL_OF,
  RUNCONF_KEYWORD_ANY_OF,
  RUNCONF_KEYWORD_ONE_OF,
  RUNCONF_KEYWORD_NOT,
  RUNCONF_KEYWORD_IF,
  RUNCONF_KEYWORD_THEN,
  RUNCONF_KEYWORD_ELSE,
} RunconfKeyword;

#define RUNCONF_N_KEYWORDS (RUNCONF_KEYWORD_ELSE + 1)

const char *runconf_keyword_get_name (RunconfKeyword keyword);

/* the types of draft-07, as a set */
typedef enum
{
  RUNCONF_TYPE_NULL = 1 << 0,
  RUNCONF_TYPE_BOOLEAN = 1 << 1,
  RUNCONF_TYPE_INTEGER = 1 << 2,
  RUNCONF_TYPE_NUMBER = 1 << 3,
  RUNCONF_TYPE_STRING = 1 << 4,
  RUNCONF_TYPE_ARRAY = 1 << 5,
  RUNCONF_TYPE_OBJECT = 1 << 6,
} RunconfTypes;

RunconfTypes runconf_type_from_name (const char *name);
RunconfTypes runconf_types_of (const RunconfNode *value);
char *runconf_types_print (RunconfTypes types);

typedef enum
{
  RUNCONF_MARK_LOCKED = 1 << 0,
  RUNCONF_MARK_SECRET = 1 << 1,
} RunconfMarks;

typedef struct _RunconfSubschema RunconfSubschema;

/* an entry of `patternProperties` */
typedef struct
{
  RunconfPattern *pattern;
  RunconfSubschema *subschema;
} RunconfPatternMember;

/**
 * RunconfSubschema:
 * @place: a JSON Pointer in the schema to this subschema
 * @keywords: the value of each keyword, %NULL if it is absent
 * @is_false: no value is valid; a subschema that is `true` has no keywords
 * @ref: the target of its `$ref`; then its other keywords aren't checked
 * @types: 0 if there is no `type`
 * @subschemas: of each keyword that has exactly one
 * @lists: of each keyword that has a list of them
 * @properties: (element-type utf8 RunconfSubschema): the keys are owned by the tree
 * @dependencies: (element-type utf8 RunconfSubschema): those that aren't lists of keys
 * @marks: the marks of the value itself; a list is marked as a whole
 * @deep_marks: the marks of the value and of all values below it
 *
 * One of the schemas that a schema consists of. The schema owns all of them.
 */
struct _RunconfSubschema
{
  char *place;
  const RunconfNode *keywords[RUNCONF_N_KEYWORDS];
  gboolean is_false;
  RunconfSubschema *ref;

  RunconfTypes types;
  RunconfFormat format;
  RunconfPattern *pattern;
  RunconfSubschema *subschemas[RUNCONF_N_KEYWORDS];
  GPtrArray *lists[RUNCONF_N_KEYWORDS];
  GHashTable *properties;
  GHashTable *dependencies;
  GArray *pattern_properties;

  RunconfMarks marks;
  RunconfMarks deep_marks;

  /* used while the schema is read */
  guint height; /* of the tree of subschemas for the same value, 0 if it isn't known yet */
  gboolean is_active;
};

struct _RunconfSchema
{
  gint ref_count; /* atomic */
  RunconfNode *tree;
  RunconfSubschema *root;
  GPtrArray *subschemas;
};

/**
 * RunconfRelation:
 * @RUNCONF_RELATION_HERE: applies to the same value: `$ref`, `allOf`, `anyOf`, `oneOf`, `then`,
 *   `else` and `dependencies`
 * @RUNCONF_RELATION_ASKED: is a condition on the same value: `if` and `not`
 * @RUNCONF_RELATION_MEMBER: applies to a value in a mapping
 * @RUNCONF_RELATION_ITEM: applies to a value in a sequence
 *
 * The relation of a subschema to the subschema that contains it.
 */
typedef enum
{
  RUNCONF_RELATION_HERE = 1 << 0,
  RUNCONF_RELATION_ASKED = 1 << 1,
  RUNCONF_RELATION_MEMBER = 1 << 2,
  RUNCONF_RELATION_ITEM = 1 << 3,
} RunconfRelation;

typedef gboolean (*RunconfSubschemaFunc) (RunconfSubschema *child, gpointer data);

gboolean runconf_subschema_each (const RunconfSubschema *self, RunconfRelation relations,
                                 RunconfSubschemaFunc func, gpointer data);
gboolean runconf_subschema_each_member (const RunconfSubschema *self, const char *key,
                                        RunconfSubschemaFunc func, gpointer data);
RunconfSubschema *runconf_subschema_get_item (const RunconfSubschema *self, guint index,
                                              RunconfKeyword *keyword);

gboolean runconf_schema_read (RunconfSchema *self, char **where, GError **error);
gboolean runconf_schema_check_depth (RunconfSchema *self, char **where, GError **error);
void runconf_schema_gather_marks (RunconfSchema *self);

gboolean runconf_subschema_apply_certain (RunconfSubschema *subschema, gpointer data);
gboolean runconf_subschema_apply_possible (RunconfSubschema *subschema, gpointer data);
GPtrArray *runconf_subschemas_enter (GPtrArray *set, const char *segment,
                                     RunconfSubschemaFunc func);
RunconfMarks runconf_subschemas_get_marks (GPtrArray *set);
void runconf_subschemas_add_facts (GPtrArray *subschemas, const RunconfKeyword *keywords,
                                   guint n_keywords, GVariantBuilder *facts);
GPtrArray *runconf_schema_find (RunconfSchema *self, const RunconfPath *path,
                                RunconfSubschemaFunc func);

void runconf_violation_free (RunconfViolation *self);

G_END_DECLS
