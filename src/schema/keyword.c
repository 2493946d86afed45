/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "schema/keyword.h"

#include <math.h>

#include "core/mapping.h"

/* The tables of keywords and types. */

static const struct
{
  const char *name;
  RunconfdForm form;
} keywords[] = {
  [RUNCONFD_KEYWORD_ID] = { "$id", RUNCONFD_FORM_STRING },
  [RUNCONFD_KEYWORD_SCHEMA] = { "$schema", RUNCONFD_FORM_DRAFT },
  [RUNCONFD_KEYWORD_REF] = { "$ref", RUNCONFD_FORM_STRING },
  [RUNCONFD_KEYWORD_COMMENT] = { "$comment", RUNCONFD_FORM_STRING },
  [RUNCONFD_KEYWORD_TITLE] = { "title", RUNCONFD_FORM_STRING },
  [RUNCONFD_KEYWORD_DESCRIPTION] = { "description", RUNCONFD_FORM_STRING },
  [RUNCONFD_KEYWORD_DEFAULT] = { "default", RUNCONFD_FORM_ANY },
  [RUNCONFD_KEYWORD_EXAMPLES] = { "examples", RUNCONFD_FORM_LIST },
  [RUNCONFD_KEYWORD_DEPRECATED] = { "deprecated", RUNCONFD_FORM_BOOLEAN },
  [RUNCONFD_KEYWORD_READ_ONLY] = { "readOnly", RUNCONFD_FORM_BOOLEAN },
  [RUNCONFD_KEYWORD_WRITE_ONLY] = { "writeOnly", RUNCONFD_FORM_BOOLEAN },
  [RUNCONFD_KEYWORD_TYPE] = { "type", RUNCONFD_FORM_TYPE },
  [RUNCONFD_KEYWORD_ENUM] = { "enum", RUNCONFD_FORM_CHOICES },
  [RUNCONFD_KEYWORD_CONST] = { "const", RUNCONFD_FORM_ANY },
  [RUNCONFD_KEYWORD_MINIMUM] = { "minimum", RUNCONFD_FORM_NUMBER },
  [RUNCONFD_KEYWORD_MAXIMUM] = { "maximum", RUNCONFD_FORM_NUMBER },
  [RUNCONFD_KEYWORD_EXCLUSIVE_MINIMUM] = { "exclusiveMinimum", RUNCONFD_FORM_NUMBER },
  [RUNCONFD_KEYWORD_EXCLUSIVE_MAXIMUM] = { "exclusiveMaximum", RUNCONFD_FORM_NUMBER },
  [RUNCONFD_KEYWORD_MULTIPLE_OF] = { "multipleOf", RUNCONFD_FORM_POSITIVE },
  [RUNCONFD_KEYWORD_MIN_LENGTH] = { "minLength", RUNCONFD_FORM_COUNT },
  [RUNCONFD_KEYWORD_MAX_LENGTH] = { "maxLength", RUNCONFD_FORM_COUNT },
  [RUNCONFD_KEYWORD_PATTERN] = { "pattern", RUNCONFD_FORM_PATTERN },
  [RUNCONFD_KEYWORD_FORMAT] = { "format", RUNCONFD_FORM_FORMAT },
  [RUNCONFD_KEYWORD_CONTENT_ENCODING] = { "contentEncoding", RUNCONFD_FORM_STRING },
  [RUNCONFD_KEYWORD_CONTENT_MEDIA_TYPE] = { "contentMediaType", RUNCONFD_FORM_STRING },
  [RUNCONFD_KEYWORD_ITEMS] = { "items", RUNCONFD_FORM_ITEMS },
  [RUNCONFD_KEYWORD_ADDITIONAL_ITEMS] = { "additionalItems", RUNCONFD_FORM_SUBSCHEMA },
  [RUNCONFD_KEYWORD_CONTAINS] = { "contains", RUNCONFD_FORM_SUBSCHEMA },
  [RUNCONFD_KEYWORD_MIN_ITEMS] = { "minItems", RUNCONFD_FORM_COUNT },
  [RUNCONFD_KEYWORD_MAX_ITEMS] = { "maxItems", RUNCONFD_FORM_COUNT },
  [RUNCONFD_KEYWORD_UNIQUE_ITEMS] = { "uniqueItems", RUNCONFD_FORM_BOOLEAN },
  [RUNCONFD_KEYWORD_PROPERTIES] = { "properties", RUNCONFD_FORM_PROPERTIES },
  [RUNCONFD_KEYWORD_PATTERN_PROPERTIES] = { "patternProperties", RUNCONFD_FORM_PATTERN_PROPERTIES },
  [RUNCONFD_KEYWORD_ADDITIONAL_PROPERTIES] = { "additionalProperties", RUNCONFD_FORM_SUBSCHEMA },
  [RUNCONFD_KEYWORD_PROPERTY_NAMES] = { "propertyNames", RUNCONFD_FORM_SUBSCHEMA },
  [RUNCONFD_KEYWORD_REQUIRED] = { "required", RUNCONFD_FORM_KEYS },
  [RUNCONFD_KEYWORD_MIN_PROPERTIES] = { "minProperties", RUNCONFD_FORM_COUNT },
  [RUNCONFD_KEYWORD_MAX_PROPERTIES] = { "maxProperties", RUNCONFD_FORM_COUNT },
  [RUNCONFD_KEYWORD_DEPENDENCIES] = { "dependencies", RUNCONFD_FORM_DEPENDENCIES },
  [RUNCONFD_KEYWORD_DEFINITIONS] = { "definitions", RUNCONFD_FORM_PROPERTIES },
  [RUNCONFD_KEYWORD_ALL_OF] = { "allOf", RUNCONFD_FORM_SUBSCHEMAS },
  [RUNCONFD_KEYWORD_ANY_OF] = { "anyOf", RUNCONFD_FORM_SUBSCHEMAS },
  [RUNCONFD_KEYWORD_ONE_OF] = { "oneOf", RUNCONFD_FORM_SUBSCHEMAS },
  [RUNCONFD_KEYWORD_NOT] = { "not", RUNCONFD_FORM_SUBSCHEMA },
  [RUNCONFD_KEYWORD_IF] = { "if", RUNCONFD_FORM_SUBSCHEMA },
  [RUNCONFD_KEYWORD_THEN] = { "then", RUNCONFD_FORM_SUBSCHEMA },
  [RUNCONFD_KEYWORD_ELSE] = { "else", RUNCONFD_FORM_SUBSCHEMA },
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
  RunconfdTypes type;
} types[] = {
  { "null", "null", RUNCONFD_TYPE_NULL },
  { "boolean", "a boolean", RUNCONFD_TYPE_BOOLEAN },
  { "integer", "an integer", RUNCONFD_TYPE_INTEGER },
  { "number", "a number", RUNCONFD_TYPE_NUMBER },
  { "string", "a string", RUNCONFD_TYPE_STRING },
  { "array", "a sequence", RUNCONFD_TYPE_ARRAY },
  { "object", "a mapping", RUNCONFD_TYPE_OBJECT },
};

const char *
runconfd_keyword_get_name (RunconfdKeyword keyword)
{
  return keywords[keyword].name;
}

RunconfdForm
runconfd_keyword_get_form (RunconfdKeyword keyword)
{
  return keywords[keyword].form;
}

/* Returns: whether @node has a keyword of another draft; sets the one of draft-07 to use instead */
gboolean
runconfd_keyword_find_later (const RunconfNode *node, const char **name, const char **instead)
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
RunconfdTypes
runconfd_type_from_name (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      if (g_str_equal (name, types[i].name))
        return types[i].type;
    }

  return 0;
}

/**
 * runconfd_types_of:
 *
 * An integer is a number too, and 1.0 is an integer. For a schema, binary is a string, in base64.
 *
 * Returns: all types that the value has
 */
RunconfdTypes
runconfd_types_of (const RunconfNode *value)
{
  double number;

  switch (runconf_node_get_kind (value))
    {
    case RUNCONF_KIND_NULL:
      return RUNCONFD_TYPE_NULL;
    case RUNCONF_KIND_BOOLEAN:
      return RUNCONFD_TYPE_BOOLEAN;
    case RUNCONF_KIND_INTEGER:
    case RUNCONF_KIND_UNSIGNED:
      return RUNCONFD_TYPE_INTEGER | RUNCONFD_TYPE_NUMBER;
    case RUNCONF_KIND_DOUBLE:
      number = runconf_node_get_double (value);
      return isfinite (number) && number == floor (number)
                 ? RUNCONFD_TYPE_INTEGER | RUNCONFD_TYPE_NUMBER
                 : RUNCONFD_TYPE_NUMBER;
    case RUNCONF_KIND_STRING:
    case RUNCONF_KIND_BINARY:
      return RUNCONFD_TYPE_STRING;
    case RUNCONF_KIND_SEQUENCE:
      return RUNCONFD_TYPE_ARRAY;
    case RUNCONF_KIND_MAPPING:
    default:
      return RUNCONFD_TYPE_OBJECT;
    }
}

/* Returns: (transfer full): for example “a string or null” */
char *
runconfd_types_print (RunconfdTypes set)
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
