/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "schema/schema.h"

#include "core/error.h"
#include "schema/private.h"

/* A JSON Schema is parsed into one struct for each schema in it: keyword.c has the table of
 * keywords, form.c and read.c parse their values, reference.c resolves `$ref`. The result is used
 * in check.c, describe.c and marks.c.
 *
 * Runconf has a validator of its own. valijson, which was tried first, dereferences a `$ref` to
 * itself until the stack overflows, and its patterns (std::regex) overflow the stack with 100 KB of
 * text. A pattern like (a+)+$ never ends, `multipleOf: 0` divides by zero, 18446744073709551615 is
 * treated as less than 0 and `minimum: "5"` as 5, and it reports neither the keyword that refused a
 * value nor the place of a mistake in a schema. A service that accepts values from any caller has
 * to bound all of these, and the rest is little more than the meaning of the keywords.
 */

static void
subschema_free (RunconfSubschema *self)
{
  for (guint i = 0; i < RUNCONF_N_KEYWORDS; i++)
    g_clear_pointer (&self->lists[i], g_ptr_array_unref);
  g_clear_pointer (&self->properties, g_hash_table_unref);
  g_clear_pointer (&self->dependencies, g_hash_table_unref);
  g_clear_pointer (&self->pattern, runconf_pattern_free);

  for (guint i = 0; self->pattern_properties != NULL && i < self->pattern_properties->len; i++)
    runconf_pattern_free (
        g_array_index (self->pattern_properties, RunconfPatternMember, i).pattern);
  g_clear_pointer (&self->pattern_properties, g_array_unref);

  g_free (self->place);
  g_free (self);
}

static gboolean
each_of_list (GPtrArray *list, RunconfSubschemaFunc func, gpointer data)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      if (!func (list->pdata[i], data))
        return FALSE;
    }

  return TRUE;
}

static gboolean
each_of_table (GHashTable *table, RunconfSubschemaFunc func, gpointer data)
{
  GHashTableIter iter;
  gpointer child;

  if (table == NULL)
    return TRUE;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, NULL, &child))
    {
      if (!func (child, data))
        return FALSE;
    }

  return TRUE;
}

static gboolean
each_of (const RunconfSubschema *self, const RunconfKeyword *keywords, guint n_keywords,
         RunconfSubschemaFunc func, gpointer data)
{
  for (guint i = 0; i < n_keywords; i++)
    {
      RunconfSubschema *child = self->subschemas[keywords[i]];

      if ((child != NULL && !func (child, data))
          || !each_of_list (self->lists[keywords[i]], func, data))
        return FALSE;
    }

  return TRUE;
}

static gboolean
each_pattern_member (const RunconfSubschema *self, RunconfSubschemaFunc func, gpointer data)
{
  for (guint i = 0; self->pattern_properties != NULL && i < self->pattern_properties->len; i++)
    {
      RunconfPatternMember *member
          = &g_array_index (self->pattern_properties, RunconfPatternMember, i);

      if (!func (member->subschema, data))
        return FALSE;
    }

  return TRUE;
}

/* Calls @func for the subschemas that have one of the relations, until it returns %FALSE.
 *
 * Keywords beside a `$ref` aren't checked. Their marks count, though: a `writeOnly` there is
 * intended.
 */
gboolean
runconf_subschema_each (const RunconfSubschema *self, RunconfRelation relations,
                        RunconfSubschemaFunc func, gpointer data)
{
  static const RunconfKeyword here[]
      = { RUNCONF_KEYWORD_ALL_OF, RUNCONF_KEYWORD_ANY_OF, RUNCONF_KEYWORD_ONE_OF,
          RUNCONF_KEYWORD_THEN, RUNCONF_KEYWORD_ELSE };
  static const RunconfKeyword asked[] = { RUNCONF_KEYWORD_IF, RUNCONF_KEYWORD_NOT };
  static const RunconfKeyword member[] = { RUNCONF_KEYWORD_ADDITIONAL_PROPERTIES };
  static const RunconfKeyword item[] = { RUNCONF_KEYWORD_ITEMS, RUNCONF_KEYWORD_ADDITIONAL_ITEMS };

  if ((relations & RUNCONF_RELATION_HERE) != 0
      && ((self->ref != NULL && !func (self->ref, data))
          || !each_of (self, here, G_N_ELEMENTS (here), func, data)
          || !each_of_table (self->dependencies, func, data)))
    return FALSE;
  if ((relations & RUNCONF_RELATION_ASKED) != 0
      && !each_of (self, asked, G_N_ELEMENTS (asked), func, data))
    return FALSE;
  if ((relations & RUNCONF_RELATION_MEMBER) != 0
      && (!each_of_table (self->properties, func, data) || !each_pattern_member (self, func, data)
          || !each_of (self, member, G_N_ELEMENTS (member), func, data)))
    return FALSE;

  return (relations & RUNCONF_RELATION_ITEM) == 0
         || each_of (self, item, G_N_ELEMENTS (item), func, data);
}

/* Calls @func for the subschemas of a key. A pattern that reaches its limits counts as matching. */
gboolean
runconf_subschema_each_member (const RunconfSubschema *self, const char *key,
                               RunconfSubschemaFunc func, gpointer data)
{
  RunconfSubschema *child
      = self->properties != NULL ? g_hash_table_lookup (self->properties, key) : NULL;
  gboolean is_known = child != NULL;

  if (child != NULL && !func (child, data))
    return FALSE;

  for (guint i = 0; self->pattern_properties != NULL && i < self->pattern_properties->len; i++)
    {
      RunconfPatternMember *member
          = &g_array_index (self->pattern_properties, RunconfPatternMember, i);

      if (runconf_pattern_match (member->pattern, key, -1) == RUNCONF_MATCH_NO)
        continue;
      is_known = TRUE;
      if (!func (member->subschema, data))
        return FALSE;
    }

  child = self->subschemas[RUNCONF_KEYWORD_ADDITIONAL_PROPERTIES];

  return is_known || child == NULL || func (child, data);
}

/* Returns: (nullable): the subschema of an item; sets the keyword that it belongs to */
RunconfSubschema *
runconf_subschema_get_item (const RunconfSubschema *self, guint index, RunconfKeyword *keyword)
{
  GPtrArray *list = self->lists[RUNCONF_KEYWORD_ITEMS];

  *keyword = RUNCONF_KEYWORD_ITEMS;
  if (list == NULL)
    return self->subschemas[RUNCONF_KEYWORD_ITEMS];
  if (index < list->len)
    return list->pdata[index];

  *keyword = RUNCONF_KEYWORD_ADDITIONAL_ITEMS;

  return self->subschemas[RUNCONF_KEYWORD_ADDITIONAL_ITEMS];
}

/**
 * runconf_schema_new:
 * @root: a schema, draft-07 of JSON Schema
 * @where: (out) (optional) (transfer full): if the schema is invalid, a JSON Pointer in it to the
 *   mistake
 * @error: return location
 *
 * Reads a schema. An invalid schema is refused, for example one with `type: strng`, `minimum: "5"`
 * or a `$ref` to another document: nothing is ever fetched. Keywords unknown to draft-07 are
 * ignored as remarks, except for keywords of other drafts that would require something.
 *
 * Returns: (transfer full) (nullable): the schema, %NULL with %RUNCONF_ERROR_INVALID_VALUE
 */
RunconfSchema *
runconf_schema_new (const RunconfNode *root, char **where, GError **error)
{
  g_autoptr (RunconfSchema) self = g_new0 (RunconfSchema, 1);

  if (where != NULL)
    *where = NULL;
  self->ref_count = 1;
  self->tree = runconf_node_ref (root);
  self->subschemas = g_ptr_array_new_with_free_func ((GDestroyNotify) subschema_free);

  if (!runconf_schema_read (self, where, error) || !runconf_schema_check_depth (self, where, error))
    return NULL;

  runconf_schema_gather_marks (self);

  return g_steal_pointer (&self);
}

RunconfSchema *
runconf_schema_ref (RunconfSchema *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
runconf_schema_unref (RunconfSchema *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_ptr_array_unref (self->subschemas);
  runconf_node_unref (self->tree);
  g_free (self);
}
