/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/escape.h"
#include "core/mapping.h"
#include "schema/checker.h"
#include "schema/value.h"

/* Checks sequences and mappings. */

#define MAX_SHOWN_KEYS 12

static gboolean
check_count (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
             const RunconfNode *value, RunconfKeyword min_rule, RunconfKeyword max_rule,
             const char *of_what)
{
  const RunconfNode *least = subschema->keywords[min_rule];
  const RunconfNode *most = subschema->keywords[max_rule];
  guint length = runconf_node_get_length (value);
  gboolean is_right = TRUE;

  if (least != NULL && length < runconf_checker_get_count (least))
    is_right = runconf_checker_refuse (self, min_rule, value, "has too few %s: at least %.0f",
                                       of_what, runconf_checker_get_count (least));
  if (most != NULL && length > runconf_checker_get_count (most))
    is_right = runconf_checker_refuse (self, max_rule, value, "has too many %s: at most %.0f",
                                       of_what, runconf_checker_get_count (most));

  return is_right;
}

static gboolean
check_unique (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
              const RunconfNode *value)
{
  const RunconfNode *unique = subschema->keywords[RUNCONF_KEYWORD_UNIQUE_ITEMS];
  g_autoptr (GHashTable) seen = NULL;

  if (unique == NULL || !runconf_node_get_boolean (unique))
    return TRUE;

  seen = g_hash_table_new ((GHashFunc) runconf_value_hash, (GEqualFunc) runconf_value_equal);
  for (guint i = 0; i < runconf_node_get_length (value); i++)
    {
      const RunconfNode *item = runconf_node_get_child (value, i);
      gpointer first;

      if (!runconf_checker_spend (self, (gint64) runconf_node_get_n_nodes (item)))
        return TRUE;
      if (g_hash_table_lookup_extended (seen, item, NULL, &first))
        return runconf_checker_refuse (self, RUNCONF_KEYWORD_UNIQUE_ITEMS, value,
                                       "has equal elements, %u and %u: all elements must differ",
                                       GPOINTER_TO_UINT (first), i);
      g_hash_table_insert (seen, (gpointer) item, GUINT_TO_POINTER (i));
    }

  return TRUE;
}

static gboolean
check_contains (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                const RunconfNode *value)
{
  const RunconfSubschema *wanted = subschema->subschemas[RUNCONF_KEYWORD_CONTAINS];

  if (wanted == NULL)
    return TRUE;

  for (guint i = 0; i < runconf_node_get_length (value); i++)
    {
      if (runconf_checker_try (self, wanted, runconf_node_get_child (value, i)))
        return TRUE;
    }

  return runconf_checker_refuse (self, RUNCONF_KEYWORD_CONTAINS, value,
                                 "has no element that matches “contains”: at least one must match");
}

static gboolean
check_item (RunconfSchemaChecker *self, const RunconfSubschema *subschema, const RunconfNode *item,
            guint index)
{
  RunconfKeyword keyword;
  const RunconfSubschema *wanted = runconf_subschema_get_item (subschema, index, &keyword);

  if (wanted == NULL)
    return TRUE;
  if (wanted->is_false && keyword == RUNCONF_KEYWORD_ADDITIONAL_ITEMS)
    return runconf_checker_refuse (self, keyword, item,
                                   "is one element too many: the sequence may have at most %u",
                                   subschema->lists[RUNCONF_KEYWORD_ITEMS]->len);

  return runconf_checker_check (self, wanted, item);
}

gboolean
runconf_checker_check_sequence (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                                const RunconfNode *value)
{
  gboolean is_right;

  if (runconf_node_get_kind (value) != RUNCONF_KIND_SEQUENCE)
    return TRUE;

  is_right = check_count (self, subschema, value, RUNCONF_KEYWORD_MIN_ITEMS,
                          RUNCONF_KEYWORD_MAX_ITEMS, "elements");
  if (!check_unique (self, subschema, value) || !check_contains (self, subschema, value))
    is_right = FALSE;

  for (guint i = 0; i < runconf_node_get_length (value); i++)
    {
      gsize length;

      if (runconf_checker_is_done (self) || (!is_right && self->violations == NULL))
        break;
      length = runconf_checker_enter_index (self, i);
      if (!check_item (self, subschema, runconf_node_get_child (value, i), i))
        is_right = FALSE;
      runconf_checker_leave (self, length);
    }

  return is_right;
}

static gboolean
refuse_unknown_key (RunconfSchemaChecker *self, const RunconfSubschema *subschema, const char *key)
{
  const RunconfNode *known = subschema->keywords[RUNCONF_KEYWORD_PROPERTIES];
  g_autoptr (GString) list = NULL;
  guint length = known != NULL ? runconf_node_get_length (known) : 0;

  if (self->violations == NULL)
    return FALSE;
  if (length == 0)
    return runconf_checker_refuse_key (self, RUNCONF_KEYWORD_ADDITIONAL_PROPERTIES, key,
                                       "isn't allowed here");

  list = g_string_new (NULL);
  for (guint i = 0; i < length && i < MAX_SHOWN_KEYS; i++)
    {
      g_autofree char *shown = runconf_escape (runconf_mapping_get_key (known, i, NULL), -1);

      g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", shown);
    }
  if (length > MAX_SHOWN_KEYS)
    g_string_append_printf (list, " and %u more", length - MAX_SHOWN_KEYS);

  return runconf_checker_refuse_key (self, RUNCONF_KEYWORD_ADDITIONAL_PROPERTIES, key,
                                     "isn't known; the known keys are %s", list->str);
}

static gboolean
check_name (RunconfSchemaChecker *self, const RunconfSubschema *subschema, const char *key)
{
  const RunconfSubschema *wanted = subschema->subschemas[RUNCONF_KEYWORD_PROPERTY_NAMES];
  g_autoptr (RunconfNode) name = NULL;
  g_autoptr (GPtrArray) reasons = NULL;

  if (wanted == NULL)
    return TRUE;

  name = runconf_node_new_string (key, -1);
  if (runconf_checker_try (self, wanted, name))
    return TRUE;
  if (self->violations == NULL)
    return FALSE;

  reasons = runconf_checker_explain (self, wanted, name);

  return runconf_checker_refuse_key (
      self, RUNCONF_KEYWORD_PROPERTY_NAMES, key, "can't be used here: %s",
      reasons->len > 0 ? ((RunconfViolation *) reasons->pdata[0])->text
                       : "the schema forbids the key");
}

/* Checks the value of a key with each pattern that the key matches. A pattern that takes too long
 * counts as matching, so that its subschema is still checked.
 */
static gboolean
check_patterns (RunconfSchemaChecker *self, const RunconfSubschema *subschema, const char *key,
                gsize length, const RunconfNode *value, gboolean *is_known)
{
  gboolean is_right = TRUE;

  for (guint i = 0; subschema->pattern_properties != NULL && i < subschema->pattern_properties->len;
       i++)
    {
      const RunconfPatternMember *member
          = &g_array_index (subschema->pattern_properties, RunconfPatternMember, i);

      if (!runconf_checker_spend (self, 1))
        break;
      if (runconf_checker_match (self, member->pattern, key, length) == RUNCONF_MATCH_NO)
        continue;
      *is_known = TRUE;
      if (!runconf_checker_check (self, member->subschema, value))
        is_right = FALSE;
    }

  return is_right;
}

static gboolean
check_member (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
              const RunconfNode *mapping, guint position)
{
  gsize length;
  const char *key = runconf_mapping_get_key (mapping, position, &length);
  const RunconfNode *value = runconf_node_get_child (mapping, position);
  const RunconfSubschema *wanted
      = subschema->properties != NULL ? g_hash_table_lookup (subschema->properties, key) : NULL;
  gboolean is_known = wanted != NULL;
  gboolean is_right = check_name (self, subschema, key);

  if (wanted != NULL && !runconf_checker_check (self, wanted, value))
    is_right = FALSE;
  if (!check_patterns (self, subschema, key, length, value, &is_known))
    is_right = FALSE;

  wanted = subschema->subschemas[RUNCONF_KEYWORD_ADDITIONAL_PROPERTIES];
  if (is_known || wanted == NULL || runconf_checker_is_done (self))
    return is_right;
  if (wanted->is_false)
    return refuse_unknown_key (self, subschema, key);

  return runconf_checker_check (self, wanted, value) && is_right;
}

static gboolean
check_required (RunconfSchemaChecker *self, const RunconfNode *keys, const RunconfNode *value,
                RunconfKeyword rule, const char *reason)
{
  gboolean is_right = TRUE;

  for (guint i = 0; keys != NULL && i < runconf_node_get_length (keys); i++)
    {
      const char *key = runconf_node_get_string (runconf_node_get_child (keys, i), NULL);

      if (!runconf_checker_spend (self, 1))
        break;
      if (runconf_mapping_get (value, key) == NULL)
        is_right = runconf_checker_refuse_lack (self, rule, key, reason);
    }

  return is_right;
}

static gboolean
check_dependencies (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                    const RunconfNode *value)
{
  const RunconfNode *dependencies = subschema->keywords[RUNCONF_KEYWORD_DEPENDENCIES];
  gboolean is_right = TRUE;

  for (guint i = 0; dependencies != NULL && i < runconf_node_get_length (dependencies); i++)
    {
      const char *key = runconf_mapping_get_key (dependencies, i, NULL);
      const RunconfNode *needed = runconf_node_get_child (dependencies, i);
      const RunconfSubschema *wanted = g_hash_table_lookup (subschema->dependencies, key);
      g_autofree char *shown = NULL;
      g_autofree char *reason = NULL;

      if (!runconf_checker_spend (self, 1))
        break;
      if (runconf_mapping_get (value, key) == NULL)
        continue;
      if (wanted != NULL)
        {
          if (!runconf_checker_check (self, wanted, value))
            is_right = FALSE;
          continue;
        }
      shown = runconf_escape (key, -1);
      reason = g_strdup_printf (", which the key “%s” requires", shown);
      if (!check_required (self, needed, value, RUNCONF_KEYWORD_DEPENDENCIES, reason))
        is_right = FALSE;
    }

  return is_right;
}

gboolean
runconf_checker_check_mapping (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                               const RunconfNode *value)
{
  gboolean is_right;
  gboolean has_members = subschema->properties != NULL || subschema->pattern_properties != NULL
                         || subschema->subschemas[RUNCONF_KEYWORD_ADDITIONAL_PROPERTIES] != NULL
                         || subschema->subschemas[RUNCONF_KEYWORD_PROPERTY_NAMES] != NULL;

  if (!runconf_node_is_mapping (value))
    return TRUE;

  is_right = check_count (self, subschema, value, RUNCONF_KEYWORD_MIN_PROPERTIES,
                          RUNCONF_KEYWORD_MAX_PROPERTIES, "keys");
  if (!check_required (self, subschema->keywords[RUNCONF_KEYWORD_REQUIRED], value,
                       RUNCONF_KEYWORD_REQUIRED, ", which is required")
      || !check_dependencies (self, subschema, value))
    is_right = FALSE;

  for (guint i = 0; has_members && i < runconf_node_get_length (value); i++)
    {
      gsize length;

      if (runconf_checker_is_done (self) || (!is_right && self->violations == NULL))
        break;
      length = runconf_checker_enter (self, runconf_mapping_get_key (value, i, NULL));
      if (!check_member (self, subschema, value, i))
        is_right = FALSE;
      runconf_checker_leave (self, length);
    }

  return is_right;
}
