/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/variant.h"
#include "schema/private.h"

/* The facts are the properties of a path that a schema defines, for people and user interfaces. The
 * name of a fact on D-Bus is its keyword. Facts that contain values, which aren't shown for a
 * secret, come last.
 */
static const RunconfdKeyword facts_of_all[] = { RUNCONFD_KEYWORD_TITLE,
                                                RUNCONFD_KEYWORD_DESCRIPTION,
                                                RUNCONFD_KEYWORD_DEPRECATED,
                                                RUNCONFD_KEYWORD_TYPE,
                                                RUNCONFD_KEYWORD_MINIMUM,
                                                RUNCONFD_KEYWORD_MAXIMUM,
                                                RUNCONFD_KEYWORD_EXCLUSIVE_MINIMUM,
                                                RUNCONFD_KEYWORD_EXCLUSIVE_MAXIMUM,
                                                RUNCONFD_KEYWORD_MULTIPLE_OF,
                                                RUNCONFD_KEYWORD_MIN_LENGTH,
                                                RUNCONFD_KEYWORD_MAX_LENGTH,
                                                RUNCONFD_KEYWORD_PATTERN,
                                                RUNCONFD_KEYWORD_FORMAT,
                                                RUNCONFD_KEYWORD_MIN_ITEMS,
                                                RUNCONFD_KEYWORD_MAX_ITEMS,
                                                RUNCONFD_KEYWORD_UNIQUE_ITEMS };
static const RunconfdKeyword facts_with_values[]
    = { RUNCONFD_KEYWORD_ENUM, RUNCONFD_KEYWORD_CONST, RUNCONFD_KEYWORD_DEFAULT,
        RUNCONFD_KEYWORD_EXAMPLES };

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

static void
add_facts (GPtrArray *subschemas, const RunconfdKeyword *keywords, guint n_keywords,
           GVariantBuilder *facts)
{
  for (guint i = 0; i < n_keywords; i++)
    {
      const RunconfNode *value = NULL;
      g_autoptr (RunconfNode) shown = NULL;

      for (guint j = 0; j < subschemas->len && value == NULL; j++)
        value = ((RunconfdSubschema *) subschemas->pdata[j])->keywords[keywords[i]];
      if (value == NULL)
        continue;

      shown = keywords[i] == RUNCONFD_KEYWORD_TYPE ? name_types (value) : runconf_node_ref (value);
      g_variant_builder_add (facts, "{sv}", runconfd_keyword_get_name (keywords[i]),
                             runconf_node_to_variant (shown));
    }
}

/**
 * runconfd_schema_describe:
 * @facts: a builder of `a{sv}`
 *
 * Adds the facts of the schema about @path: `title`, `description`, `deprecated`, `type` (a string,
 * or `av` of strings), `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `multipleOf`,
 * `minLength`, `maxLength`, `pattern`, `format`, `minItems`, `maxItems`, `uniqueItems`, `enum`,
 * `const`, `default` and `examples`, each in the form that the value has on D-Bus. The last four
 * are omitted for a secret. If several schemas apply, the nearest one that has the keyword counts.
 */
void
runconfd_schema_describe (RunconfdSchema *self, const RunconfPath *path, GVariantBuilder *facts)
{
  g_autoptr (GPtrArray) subschemas = runconfd_schema_get_certain (self, path);

  add_facts (subschemas, facts_of_all, G_N_ELEMENTS (facts_of_all), facts);
  if (!runconfd_schema_is_secret (self, path))
    add_facts (subschemas, facts_with_values, G_N_ELEMENTS (facts_with_values), facts);
}
