/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/variant.h"
#include "schema/private.h"

/* The facts are the properties of a path that a schema defines, for people and user interfaces. The
 * name of a fact on D-Bus is its keyword, except that Describe has another `type`, that of the value.
 * Facts that contain values, which aren't shown for a secret, come last.
 */
static const RunconfKeyword facts_of_all[] = { RUNCONF_KEYWORD_TITLE,
                                               RUNCONF_KEYWORD_DESCRIPTION,
                                               RUNCONF_KEYWORD_DEPRECATED,
                                               RUNCONF_KEYWORD_TYPE,
                                               RUNCONF_KEYWORD_MINIMUM,
                                               RUNCONF_KEYWORD_MAXIMUM,
                                               RUNCONF_KEYWORD_EXCLUSIVE_MINIMUM,
                                               RUNCONF_KEYWORD_EXCLUSIVE_MAXIMUM,
                                               RUNCONF_KEYWORD_MULTIPLE_OF,
                                               RUNCONF_KEYWORD_MIN_LENGTH,
                                               RUNCONF_KEYWORD_MAX_LENGTH,
                                               RUNCONF_KEYWORD_PATTERN,
                                               RUNCONF_KEYWORD_FORMAT,
                                               RUNCONF_KEYWORD_MIN_ITEMS,
                                               RUNCONF_KEYWORD_MAX_ITEMS,
                                               RUNCONF_KEYWORD_UNIQUE_ITEMS };
static const RunconfKeyword facts_with_values[]
    = { RUNCONF_KEYWORD_ENUM, RUNCONF_KEYWORD_CONST, RUNCONF_KEYWORD_EXAMPLES };

/* In YAML, `type: null` is a null. Here it becomes the name of the type. */
static RunconfNode *
name_types (const RunconfNode *value)
{
  g_autoptr (GPtrArray) names = NULL;

  if (runconf_node_get_kind (value) == RUNCONF_KIND_NULL)
    return runconf_node_new_string ("null", -1);
  if (runconf_node_get_kind (value) != RUNCONF_KIND_SEQUENCE)
    return runconf_node_ref (value);

  names = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_node_unref);
  for (guint i = 0; i < runconf_node_get_length (value); i++)
    g_ptr_array_add (names, name_types (runconf_node_get_child (value, i)));

  return runconf_node_new_sequence ((RunconfNode **) names->pdata, names->len);
}

static const char *
get_fact_name (RunconfKeyword keyword)
{
  return keyword == RUNCONF_KEYWORD_TYPE ? "types" : runconf_keyword_get_name (keyword);
}

/* Adds the value of each of @keywords in the first of @subschemas that has it to @facts, an `a{sv}`. */
void
runconf_subschemas_add_facts (GPtrArray *subschemas, const RunconfKeyword *keywords,
                              guint n_keywords, GVariantBuilder *facts)
{
  for (guint i = 0; i < n_keywords; i++)
    {
      const RunconfNode *value = NULL;
      g_autoptr (RunconfNode) shown = NULL;

      for (guint j = 0; j < subschemas->len && value == NULL; j++)
        value = ((RunconfSubschema *) subschemas->pdata[j])->keywords[keywords[i]];
      if (value == NULL)
        continue;

      shown = keywords[i] == RUNCONF_KEYWORD_TYPE ? name_types (value) : runconf_node_ref (value);
      g_variant_builder_add (facts, "{sv}", get_fact_name (keywords[i]),
                             runconf_node_to_variant (shown));
    }
}

/**
 * runconf_schema_describe:
 * @facts: a builder of `a{sv}`
 *
 * Adds the facts of the schema about @path: `title`, `description`, `deprecated`, `types` (the
 * schema's `type`: a string, or `av` of strings), `minimum`, `maximum`, `exclusiveMinimum`,
 * `exclusiveMaximum`, `multipleOf`, `minLength`, `maxLength`, `pattern`, `format`, `minItems`,
 * `maxItems`, `uniqueItems`, `enum`, `const` and `examples`, each in the form that the value has on
 * D-Bus. The last three are omitted for a secret. If several schemas apply, the nearest one that has
 * the keyword counts.
 */
void
runconf_schema_describe (RunconfSchema *self, const RunconfPath *path, GVariantBuilder *facts)
{
  g_autoptr (GPtrArray) subschemas
      = runconf_schema_find (self, path, runconf_subschema_apply_certain);

  runconf_subschemas_add_facts (subschemas, facts_of_all, G_N_ELEMENTS (facts_of_all), facts);
  if (!runconf_schema_is_secret (self, path))
    runconf_subschemas_add_facts (subschemas, facts_with_values, G_N_ELEMENTS (facts_with_values),
                                  facts);
}
