/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "schema/keyword.h"

#include <math.h>

#include "core/mapping.h"

/* The tables of keywords and types. */

static const struct
{
  const char *name;
  RunconfForm form;
} keywords[] = {
  [RUNCONF_KEYWORD_ID] = { "$id", RUNCONF_FORM_STRING },
  [RUNCONF_KEYWORD_SCHEMA] = { "$schema", RUNCONF_FORM_DRAFT },
  [RUNCONF_KEYWORD_REF] = { "$ref", RUNCONF_FORM_STRING },
  [RUNCONF_KEYWORD_COMMENT] = { "$comment", RUNCONF_FORM_STRING },
  [RUNCONF_KEYWORD_TITLE] = { "title", RUNCONF_FORM_STRING },
  [RUNCONF_KEYWORD_DESCRIPTION] = { "description", RUNCONF_FORM_STRING },
  [RUNCONF_KEYWORD_DEFAULT] = { "default", RUNCONF_FORM_ANY },
  [RUNCONF_KEYWORD_EXAMPLES] = { "examples", RUNCONF_FORM_LIST },
  [RUNCONF_KEYWORD_DEPRECATED] = { "deprecated", RUNCONF_FORM_BOOLEAN },
  [RUNCONF_KEYWORD_READ_ONLY] = { "readOnly", RUNCONF_FORM_BOOLEAN },
  [RUNCONF_KEYWORD_WRITE_ONLY] = { "writeOnly", RUNCONF_FORM_BOOLEAN },
  [RUNCONF_KEYWORD_TYPE] = { "type", RUNCONF_FORM_TYPE },
  [RUNCONF_KEYWORD_ENUM] = { "enum", RUNCONF_FORM_CHOICES },
  [RUNCONF_KEYWORD_CONST] = { "const", RUNCONF_FORM_ANY },
  [RUNCONF_KEYWORD_MINIMUM] = { "minimum", RUNCONF_FORM_NUMBER },
  [RUNCONF_KEYWORD_MAXIMUM] = { "maximum", RUNCONF_FORM_NUMBER },
  [RUNCONF_KEYWORD_EXCLUSIVE_MINIMUM] = { "exclusiveMinimum", RUNCONF_FORM_NUMBER },
  [RUNCONF_KEYWORD_EXCLUSIVE_MAXIMUM] = { "exclusiveMaximum", RUNCONF_FORM_NUMBER },
  [RUNCONF_KEYWORD_MULTIPLE_OF] = { "multipleOf", RUNCONF_FORM_POSITIVE },
  [RUNCONF_KEYWORD_MIN_LENGTH] = { "minLength", RUNCONF_FORM_COUNT },
  [RUNCONF_KEYWORD_MAX_LENGTH] = { "maxLength", RUNCONF_FORM_COUNT },
  [RUNCONF_KEYWORD_PATTERN] = { "pattern", RUNCONF_FORM_PATTERN },
  [RUNCONF_KEYWORD_FORMAT] = { "format", RUNCONF_FORM_FORMAT },
  [RUNCONF_KEYWORD_CONTENT_ENCODING] = { "contentEncoding", RUNCONF_FORM_STRING },
  [RUNCONF_KEYWORD_CONTENT_MEDIA_TYPE] = { "contentMediaType", RUNCONF_FORM_STRING },
  [RUNCONF_KEYWORD_ITEMS] = { "items", RUNCONF_FORM_ITEMS },
  [RUNCONF_KEYWORD_ADDITIONAL_ITEMS] = { "additionalItems", RUNCONF_FORM_SUBSCHEMA },
  [RUNCONF_KEYWORD_CONTAINS] = { "contains", RUNCONF_FORM_SUBSCHEMA },
  [RUNCONF_KEYWORD_MIN_ITEMS] = { "minItems", RUNCONF_FORM_COUNT },
  [RUNCONF_KEYWORD_MAX_ITEMS] = { "maxItems", RUNCONF_FORM_COUNT },
  [RUNCONF_KEYWORD_UNIQUE_ITEMS] = { "uniqueItems", RUNCONF_FORM_BOOLEAN },
  [RUNCONF_KEYWORD_PROPERTIES] = { "properties", RUNCONF_FORM_PROPERTIES },
  [RUNCONF_KEYWORD_PATTERN_PROPERTIES] = { "patternProperties", RUNCONF_FORM_PATTERN_PROPERTIES },
  [RUNCONF_KEYWORD_ADDITIONAL_PROPERTIES] = { "additionalProperties", RUNCONF_FORM_SUBSCHEMA },
  [RUNCONF_KEYWORD_PROPERTY_NAMES] = { "propertyNames", RUNCONF_FORM_SUBSCHEMA },
  [RUNCONF_KEYWORD_REQUIRED] = { "required", RUNCONF_FORM_KEYS },
  [RUNCONF_KEYWORD_MIN_PROPERTIES] = { "minProperties", RUNCONF_FORM_COUNT },
  [RUNCONF_KEYWORD_MAX_PROPERTIES] = { "maxProperties", RUNCONF_FORM_COUNT },
  [RUNCONF_KEYWORD_DEPENDENCIES] = { "dependencies", RUNCONF_FORM_DEPENDENCIES },
  [RUNCONF_KEYWORD_DEFINITIONS] = { "definitions", RUNCONF_FORM_PROPERTIES },
  [RUNCONF_KEYWORD_ALL_OF] = { "allOf", RUNCONF_FORM_SUBSCHEMAS },
  [RUNCONF_KEYWORD_ANY_OF] = { "anyOf", RUNCONF_FORM_SUBSCHEMAS },
  [RUNCONF_KEYWORD_ONE_OF] = { "oneOf", RUNCONF_FORM_SUBSCHEMAS },
  [RUNCONF_KEYWORD_NOT] = { "not", RUNCONF_FORM_SUBSCHEMA },
  [RUNCONF_KEYWORD_IF] = { "if", RUNCONF_FORM_SUBSCHEMA },
  [RUNCONF_KEYWORD_THEN] = { "then", RUNCONF_FORM_SUBSCHEMA },
  [RUNCONF_KEYWORD_ELSE] = { "else", RUNCONF_FORM_SUBSCHEMA },
};

/* Keywords of other drafts. Draft-07 would ignore them, so their requirements would never be
 * checked: a schema with one of them is refused, with an error that names the keyword to use
 * instead.
 */
static const struct
{
  const char *name;
  const char *instead;
} later_keywords[] = {
  { "$dynamicRef", "“$ref”" },
  { "$recursiveRef", "“$ref”" },
  { "prefixItems", "“items” with a list" },
  { "unevaluatedItems", "“additionalItems”" },
  { "unevaluatedProperties", "“additionalProperties”" },
  { "dependentRequired", "“dependencies”" },
  { "dependentSchemas", "“dependencies”" },
  { "minContains", "“contains”, which requires one element" },
  { "maxContains", "“contains”, which requires one element" },
  { "divisibleBy", "“multipleOf”" },
  { "disallow", "“not”" },
  { "extends", "“allOf”" },
};

static const struct
{
  const char *name;
  const char *shown;
  RunconfTypes type;
} types[] = {
  { "null", "null", RUNCONF_TYPE_NULL },
  { "boolean", "a boolean", RUNCONF_TYPE_BOOLEAN },
  { "integer", "an integer", RUNCONF_TYPE_INTEGER },
  { "number", "a number", RUNCONF_TYPE_NUMBER },
  { "string", "a string", RUNCONF_TYPE_STRING },
  { "array", "a sequence", RUNCONF_TYPE_ARRAY },
  { "object", "a mapping", RUNCONF_TYPE_OBJECT },
};

const char *
runconf_keyword_get_name (RunconfKeyword keyword)
{
  return keywords[keyword].name;
}

RunconfForm
runconf_keyword_get_form (RunconfKeyword keyword)
{
  return keywords[keyword].form;
}

/* Returns: whether @node has a keyword of another draft; sets the one of draft-07 to use instead */
gboolean
runconf_keyword_find_later (const RunconfNode *node, const char **name, const char **instead)
{
  for (guint i = 0; i < G_N_ELEMENTS (later_keywords); i++)
    {
      if (runconf_mapping_get (node, later_keywords[i].name) != NULL)
        {
          *name = later_keywords[i].name;
          *instead = later_keywords[i].instead;
          return TRUE;
        }
    }

  return FALSE;
}

/* Returns: 0 if there is no such type */
RunconfTypes
runconf_type_from_name (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      if (g_str_equal (name, types[i].name))
        return types[i].type;
    }

  return 0;
}

/**
 * runconf_types_of:
 *
 * An integer is a number too, and 1.0 is an integer. For a schema, binary is a string, in base64.
 *
 * Returns: all types that the value has
 */
RunconfTypes
runconf_types_of (const RunconfNode *value)
{
  double number;

  switch (runconf_node_get_kind (value))
    {
    case RUNCONF_KIND_NULL:
      return RUNCONF_TYPE_NULL;
    case RUNCONF_KIND_BOOLEAN:
      return RUNCONF_TYPE_BOOLEAN;
    case RUNCONF_KIND_INTEGER:
    case RUNCONF_KIND_UNSIGNED:
      return RUNCONF_TYPE_INTEGER | RUNCONF_TYPE_NUMBER;
    case RUNCONF_KIND_DOUBLE:
      number = runconf_node_get_double (value);
      return isfinite (number) && number == floor (number)
                 ? RUNCONF_TYPE_INTEGER | RUNCONF_TYPE_NUMBER
                 : RUNCONF_TYPE_NUMBER;
    case RUNCONF_KIND_STRING:
    case RUNCONF_KIND_BINARY:
      return RUNCONF_TYPE_STRING;
    case RUNCONF_KIND_SEQUENCE:
      return RUNCONF_TYPE_ARRAY;
    case RUNCONF_KIND_MAPPING:
    default:
      return RUNCONF_TYPE_OBJECT;
    }
}

/* Returns: (transfer full): for example “a string or null” */
char *
runconf_types_print (RunconfTypes set)
{
  g_autoptr (GString) out = g_string_new (NULL);
  guint n_left = 0;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    n_left += (set & types[i].type) != 0;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      if ((set & types[i].type) == 0)
        continue;
      n_left--;
      g_string_append (out, types[i].shown);
      if (n_left > 0)
        g_string_append (out, n_left == 1 ? " or " : ", ");
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}
