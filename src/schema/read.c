/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "schema/reader.h"

#include "core/error.h"
#include "core/escape.h"
#include "core/limits.h"
#include "core/mapping.h"

/* Reads a schema. Each keyword must have the form that draft-07 defines: a mistake is reported,
 * since otherwise the schema would check less than its author intended. A node that is in the tree
 * twice, by an alias, is one subschema.
 */

/* `type: null` and `[string, null]` name the type null, though YAML has a null value there. */
static gboolean
read_one_type (RunconfSchemaReader *self, RunconfSubschema *subschema, const RunconfNode *value,
               GString *place)
{
  g_autofree char *shown = NULL;
  RunconfTypes type = 0;

  if (runconf_node_get_kind (value) == RUNCONF_KIND_NULL)
    type = RUNCONF_TYPE_NULL;
  else if (!runconf_schema_reader_check_form (self, RUNCONF_FORM_STRING, value, place))
    return FALSE;
  else
    type = runconf_type_from_name (runconf_node_get_string (value, NULL));

  if (type == 0)
    {
      shown = runconf_escape (runconf_node_get_string (value, NULL), -1);
      return runconf_schema_reader_fail (
          self, place->str,
          "“%s” isn't a type: use null, boolean, integer, number, string, array or object", shown);
    }

  subschema->types |= type;
  return TRUE;
}

static gboolean
read_type (RunconfSchemaReader *self, RunconfSubschema *subschema, const RunconfNode *value,
           GString *place)
{
  if (runconf_node_get_kind (value) != RUNCONF_KIND_SEQUENCE)
    return read_one_type (self, subschema, value, place);
  if (!runconf_schema_reader_check_form (self, RUNCONF_FORM_CHOICES, value, place))
    return FALSE;

  for (guint i = 0; i < runconf_node_get_length (value); i++)
    {
      gsize length = runconf_schema_reader_enter_index (place, i);

      if (!read_one_type (self, subschema, runconf_node_get_child (value, i), place))
        return FALSE;
      g_string_truncate (place, length);
    }

  return TRUE;
}

static RunconfPattern *
read_pattern (RunconfSchemaReader *self, const char *source, GString *place)
{
  g_autoptr (GError) error = NULL;
  RunconfPattern *pattern = runconf_pattern_new (source, &error);

  if (pattern == NULL)
    runconf_schema_reader_fail (self, place->str, "%s", error->message);

  return pattern;
}

static gboolean
read_one (RunconfSchemaReader *self, RunconfSubschema **child, const RunconfNode *value,
          GString *place, const char *base)
{
  *child = runconf_schema_reader_read (self, value, place, base);

  return *child != NULL;
}

static GPtrArray *
read_many (RunconfSchemaReader *self, const RunconfNode *value, GString *place, const char *base)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();

  for (guint i = 0; i < runconf_node_get_length (value); i++)
    {
      gsize length = runconf_schema_reader_enter_index (place, i);
      RunconfSubschema *child;

      if (!read_one (self, &child, runconf_node_get_child (value, i), place, base))
        return NULL;
      g_ptr_array_add (list, child);
      g_string_truncate (place, length);
    }

  return g_steal_pointer (&list);
}

/* Lists of keys in `dependencies` aren't subschemas, and stay in the tree. */
static GHashTable *
read_members (RunconfSchemaReader *self, const RunconfNode *value, GString *place, const char *base,
              gboolean may_be_keys)
{
  g_autoptr (GHashTable) members = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < runconf_node_get_length (value); i++)
    {
      const char *key = runconf_mapping_get_key (value, i, NULL);
      const RunconfNode *member = runconf_node_get_child (value, i);
      gsize length = runconf_schema_reader_enter (place, key);
      RunconfSubschema *child;

      if (may_be_keys && runconf_node_get_kind (member) == RUNCONF_KIND_SEQUENCE)
        {
          if (!runconf_schema_reader_check_form (self, RUNCONF_FORM_KEYS, member, place))
            return NULL;
        }
      else if (!read_one (self, &child, member, place, base))
        return NULL;
      else
        g_hash_table_insert (members, (char *) key, child);
      g_string_truncate (place, length);
    }

  return g_steal_pointer (&members);
}

static gboolean
read_pattern_members (RunconfSchemaReader *self, RunconfSubschema *subschema,
                      const RunconfNode *value, GString *place, const char *base)
{
  subschema->pattern_properties = g_array_new (FALSE, FALSE, sizeof (RunconfPatternMember));

  for (guint i = 0; i < runconf_node_get_length (value); i++)
    {
      const char *key = runconf_mapping_get_key (value, i, NULL);
      gsize length = runconf_schema_reader_enter (place, key);
      RunconfPatternMember member = { NULL, NULL };

      if (!read_one (self, &member.subschema, runconf_node_get_child (value, i), place, base))
        return FALSE;
      member.pattern = read_pattern (self, key, place);
      if (member.pattern == NULL)
        return FALSE;
      g_array_append_val (subschema->pattern_properties, member);
      g_string_truncate (place, length);
    }

  return TRUE;
}

static gboolean
read_items (RunconfSchemaReader *self, RunconfSubschema *subschema, const RunconfNode *value,
            GString *place, const char *base)
{
  if (runconf_node_get_kind (value) != RUNCONF_KIND_SEQUENCE)
    return read_one (self, &subschema->subschemas[RUNCONF_KEYWORD_ITEMS], value, place, base);

  subschema->lists[RUNCONF_KEYWORD_ITEMS] = read_many (self, value, place, base);

  return subschema->lists[RUNCONF_KEYWORD_ITEMS] != NULL;
}

static gboolean
read_keyword (RunconfSchemaReader *self, RunconfSubschema *subschema, RunconfKeyword keyword,
              GString *place, const char *base)
{
  const RunconfNode *value = subschema->keywords[keyword];
  RunconfForm form = runconf_keyword_get_form (keyword);
  g_autoptr (GHashTable) definitions = NULL;

  if (!runconf_schema_reader_check_form (self, form, value, place))
    return FALSE;

  switch (form)
    {
    case RUNCONF_FORM_TYPE:
      return read_type (self, subschema, value, place);
    case RUNCONF_FORM_PATTERN:
      subschema->pattern = read_pattern (self, runconf_node_get_string (value, NULL), place);
      return subschema->pattern != NULL;
    case RUNCONF_FORM_FORMAT:
      subschema->format = runconf_format_from_name (runconf_node_get_string (value, NULL));
      return TRUE;
    case RUNCONF_FORM_SUBSCHEMA:
      return read_one (self, &subschema->subschemas[keyword], value, place, base);
    case RUNCONF_FORM_SUBSCHEMAS:
      subschema->lists[keyword] = read_many (self, value, place, base);
      return subschema->lists[keyword] != NULL;
    case RUNCONF_FORM_ITEMS:
      return read_items (self, subschema, value, place, base);
    case RUNCONF_FORM_PATTERN_PROPERTIES:
      return read_pattern_members (self, subschema, value, place, base);
    case RUNCONF_FORM_DEPENDENCIES:
      subschema->dependencies = read_members (self, value, place, base, TRUE);
      return subschema->dependencies != NULL;
    case RUNCONF_FORM_PROPERTIES:
      definitions = read_members (self, value, place, base, FALSE);
      if (definitions != NULL && keyword == RUNCONF_KEYWORD_PROPERTIES)
        subschema->properties = g_hash_table_ref (definitions);
      return definitions != NULL;
    default:
      return TRUE;
    }
}

static gboolean
read_keywords (RunconfSchemaReader *self, RunconfSubschema *subschema, const RunconfNode *node,
               GString *place, const char *base)
{
  const char *name;
  const char *instead;

  if (runconf_keyword_find_later (node, &name, &instead))
    {
      runconf_schema_reader_enter (place, name);
      return runconf_schema_reader_fail (
          self, place->str, "draft-07 of JSON Schema, which Runconf uses, has %s instead", instead);
    }

  for (RunconfKeyword keyword = 0; keyword < RUNCONF_N_KEYWORDS; keyword++)
    {
      gsize length = runconf_schema_reader_enter (place, runconf_keyword_get_name (keyword));

      subschema->keywords[keyword] = runconf_mapping_get (node, runconf_keyword_get_name (keyword));
      if (subschema->keywords[keyword] != NULL)
        {
          if (!read_keyword (self, subschema, keyword, place, base))
            return FALSE;
          if (keyword == RUNCONF_KEYWORD_ID)
            base = runconf_schema_reader_add_id (self, subschema, node, base);
        }
      g_string_truncate (place, length);
    }

  if (subschema->keywords[RUNCONF_KEYWORD_REF] != NULL)
    {
      RunconfSchemaReference *reference = g_new (RunconfSchemaReference, 1);

      reference->from = subschema;
      reference->base = base;
      g_ptr_array_add (self->references, reference);
    }

  return TRUE;
}

/**
 * runconf_schema_reader_read:
 * @place: the place of @node; after an error, the place of the mistake
 * @base: (nullable): the URI that references are relative to
 *
 * Returns: (transfer none) (nullable): the subschema, %NULL with an error
 */
RunconfSubschema *
runconf_schema_reader_read (RunconfSchemaReader *self, const RunconfNode *node, GString *place,
                            const char *base)
{
  RunconfSubschema *subschema = g_hash_table_lookup (self->subschemas, node);

  if (subschema != NULL)
    return subschema;

  if (self->schema->subschemas->len == RUNCONF_MAX_SUBSCHEMAS)
    {
      runconf_schema_reader_fail (self, place->str, "the schema has more than %d parts",
                                  RUNCONF_MAX_SUBSCHEMAS);
      return NULL;
    }

  subschema = g_new0 (RunconfSubschema, 1);
  subschema->place = g_strdup (place->str);
  g_ptr_array_add (self->schema->subschemas, subschema);
  g_hash_table_insert (self->subschemas, (gpointer) node, subschema);

  if (runconf_node_get_kind (node) == RUNCONF_KIND_BOOLEAN)
    {
      subschema->is_false = !runconf_node_get_boolean (node);
      return subschema;
    }
  if (!runconf_node_is_mapping (node))
    {
      runconf_schema_reader_fail (
          self, place->str, "a schema must be a mapping, true or false, but this one is of kind %s",
          runconf_node_get_kind_name (node));
      return NULL;
    }

  return read_keywords (self, subschema, node, place, base) ? subschema : NULL;
}

static gboolean
check_tags (RunconfSchemaReader *self, const RunconfNode *tree)
{
  g_autofree char *place = runconf_node_find_tag (tree);

  return place == NULL
         || runconf_schema_reader_fail (self, place,
                                        "“" RUNCONF_TAG_KEY_UNSET "” and “" RUNCONF_TAG_KEY_REPLACE
                                        "” are for values, and have no meaning in a schema; "
                                        "leave the tag out");
}

/* Reads the schema from its tree. */
gboolean
runconf_schema_read (RunconfSchema *self, char **where, GError **error)
{
  g_autoptr (GHashTable) subschemas = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) resources = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (GPtrArray) references = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) place = g_string_new (NULL);
  RunconfSchemaReader reader = {
    .schema = self,
    .subschemas = subschemas,
    .resources = resources,
    .references = references,
    .strings = g_string_chunk_new (1024),
    .where = where,
    .error = error,
  };
  gboolean is_read;

  if (check_tags (&reader, self->tree))
    self->root = runconf_schema_reader_read (&reader, self->tree, place, NULL);
  is_read = self->root != NULL && runconf_schema_reader_resolve (&reader);
  g_string_chunk_free (reader.strings);

  return is_read;
}
