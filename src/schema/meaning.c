/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "schema/meaning.h"

#include <string.h>

#include "core/compare.h"
#include "core/mapping.h"
#include "schema/value.h"

/* in one message */
#define MAX_SHOWN_CHOICES 12

typedef gboolean (*BranchFunc) (RunconfSchemaChecker *checker, const RunconfSubschema *branch,
                                const char *key);

static const RunconfSubschema *
resolve (const RunconfSubschema *subschema)
{
  while (subschema->ref != NULL)
    subschema = subschema->ref;

  return subschema;
}

static gboolean
is_choice (const RunconfSubschema *subschema)
{
  return subschema->keywords[RUNCONF_KEYWORD_CONST] != NULL
         || subschema->keywords[RUNCONF_KEYWORD_ENUM] != NULL;
}

/* @key: (nullable): %NULL for the value itself
 *
 * Returns: (nullable): the subschema with a `const` or `enum` for it, in the branch or its `allOf`
 */
static const RunconfSubschema *
find_choice (RunconfSchemaChecker *checker, const RunconfSubschema *branch, const char *key)
{
  const RunconfSubschema *self = resolve (branch);
  const RunconfSubschema *property = key != NULL && self->properties != NULL
                                         ? g_hash_table_lookup (self->properties, key)
                                         : NULL;
  const GPtrArray *parts = self->lists[RUNCONF_KEYWORD_ALL_OF];
  const RunconfSubschema *found = NULL;

  if (!runconf_checker_spend (checker, 1))
    return NULL;
  if (key == NULL && is_choice (self))
    return self;
  if (property != NULL)
    found = find_choice (checker, property, NULL);

  for (guint i = 0; found == NULL && parts != NULL && i < parts->len; i++)
    found = find_choice (checker, parts->pdata[i], key);

  return found;
}

static gboolean
has_choice (RunconfSchemaChecker *checker, const RunconfSubschema *branch, const char *key)
{
  return find_choice (checker, branch, key) != NULL;
}

static gboolean
is_required (RunconfSchemaChecker *checker, const RunconfSubschema *branch, const char *key)
{
  const RunconfSubschema *self = resolve (branch);
  const RunconfNode *required = self->keywords[RUNCONF_KEYWORD_REQUIRED];
  const GPtrArray *parts = self->lists[RUNCONF_KEYWORD_ALL_OF];

  for (guint i = 0; required != NULL && i < runconf_node_get_length (required); i++)
    {
      const RunconfNode *name = runconf_node_get_child (required, i);

      if (!runconf_checker_spend (checker, 1))
        return FALSE;
      if (g_str_equal (runconf_node_get_string (name, NULL), key))
        return TRUE;
    }

  for (guint i = 0; parts != NULL && i < parts->len && runconf_checker_spend (checker, 1); i++)
    {
      if (is_required (checker, parts->pdata[i], key))
        return TRUE;
    }

  return FALSE;
}

static gboolean
holds_for_all (const RunconfMeaning *self, RunconfSchemaChecker *checker, BranchFunc holds,
               const char *key)
{
  for (guint i = 0; i < self->branches->len; i++)
    {
      if (!holds (checker, self->branches->pdata[i], key))
        return FALSE;
    }

  return TRUE;
}

static void
gather_keys (RunconfSchemaChecker *checker, const RunconfSubschema *branch, GPtrArray *keys)
{
  const RunconfSubschema *self = resolve (branch);
  const GPtrArray *parts = self->lists[RUNCONF_KEYWORD_ALL_OF];
  GHashTableIter iter;
  gpointer key;

  if (self->properties != NULL)
    g_hash_table_iter_init (&iter, self->properties);
  while (self->properties != NULL && g_hash_table_iter_next (&iter, &key, NULL)
         && runconf_checker_spend (checker, 1))
    g_ptr_array_add (keys, key);

  for (guint i = 0; parts != NULL && i < parts->len && runconf_checker_spend (checker, 1); i++)
    gather_keys (checker, parts->pdata[i], keys);
}

/* A secret key is no choice, since the message would show its value. */
static gboolean
is_secret_key (RunconfSchemaChecker *checker, const char *key)
{
  gsize length = runconf_checker_enter (checker, key);
  gboolean found = runconf_checker_is_secret (checker);

  runconf_checker_leave (checker, length);

  return found;
}

static void
note_wrong (RunconfMeaning *self, const char *key)
{
  if (self->wrong_choice)
    return;

  self->wrong_choice = TRUE;
  self->choice_key = key;
}

/* Returns: whether fewer branches are left */
static gboolean
keep_chosen (RunconfMeaning *self, RunconfSchemaChecker *checker, const char *key,
             const RunconfNode *chosen)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();

  for (guint i = 0; i < self->branches->len; i++)
    {
      const RunconfSubschema *choice = find_choice (checker, self->branches->pdata[i], key);

      if (choice != NULL && runconf_checker_try (checker, choice, chosen))
        g_ptr_array_add (kept, self->branches->pdata[i]);
    }

  if (kept->len == 0)
    note_wrong (self, key);
  if (kept->len == 0 || kept->len == self->branches->len)
    return FALSE;

  g_ptr_array_unref (self->branches);
  self->branches = g_steal_pointer (&kept);
  self->key = key;

  return TRUE;
}

static gboolean
narrow_by_key (RunconfMeaning *self, RunconfSchemaChecker *checker, const RunconfNode *value,
               const char *key)
{
  const RunconfNode *chosen = runconf_mapping_get (value, key);

  if (!holds_for_all (self, checker, has_choice, key) || is_secret_key (checker, key))
    return FALSE;
  if (chosen != NULL)
    return keep_chosen (self, checker, key, chosen);

  if (holds_for_all (self, checker, is_required, key))
    note_wrong (self, key);

  return FALSE;
}

static gboolean
narrow (RunconfMeaning *self, RunconfSchemaChecker *checker, const RunconfNode *value)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();

  self->wrong_choice = FALSE;
  if (self->branches->len < 2)
    return FALSE;
  if (holds_for_all (self, checker, has_choice, NULL) && keep_chosen (self, checker, NULL, value))
    return TRUE;
  if (!runconf_node_is_mapping (value))
    return FALSE;

  /* a key of all branches is in the first one; sorting makes the reported key the same each time */
  gather_keys (checker, self->branches->pdata[0], keys);
  g_ptr_array_sort (keys, runconf_compare_texts);
  for (guint i = 0; i < keys->len; i++)
    {
      if (narrow_by_key (self, checker, value, keys->pdata[i]))
        return TRUE;
    }

  return FALSE;
}

/**
 * runconf_meaning_find:
 * @branches: (element-type RunconfSubschema): of an `anyOf` or `oneOf`
 * @value: a value that matches none of them
 *
 * Finds the branches that the value may be meant for: those of its type, and of these the ones that
 * its choices select. A secret key is no choice.
 */
void
runconf_meaning_find (RunconfMeaning *self, RunconfSchemaChecker *checker, GPtrArray *branches,
                      const RunconfNode *value)
{
  *self = (RunconfMeaning){ .branches = g_ptr_array_new () };

  for (guint i = 0; i < branches->len; i++)
    {
      const RunconfSubschema *branch = resolve (branches->pdata[i]);

      if (!branch->is_false
          && (branch->types == 0 || (branch->types & runconf_types_of (value)) != 0))
        g_ptr_array_add (self->branches, branches->pdata[i]);
    }

  while (narrow (self, checker, value))
    ;
}

void
runconf_meaning_clear (RunconfMeaning *self)
{
  g_clear_pointer (&self->branches, g_ptr_array_unref);
}

static void
append_choice (GString *text, const RunconfNode *value)
{
  g_autofree char *shown = runconf_value_show (value);

  g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", shown);
}

static void
add_choice (RunconfSchemaChecker *checker, GHashTable *choices, GString *text,
            const RunconfNode *value)
{
  if (!runconf_checker_spend (checker, 1) || !g_hash_table_add (choices, (gpointer) value))
    return;

  if (g_hash_table_size (choices) <= MAX_SHOWN_CHOICES)
    append_choice (text, value);
}

/**
 * runconf_meaning_show_choices:
 *
 * Returns: (transfer full): for example “one of 1, 2”: all values that the branches allow for the
 *   choice
 */
char *
runconf_meaning_show_choices (const RunconfMeaning *self, RunconfSchemaChecker *checker)
{
  g_autoptr (GHashTable) choices
      = g_hash_table_new ((GHashFunc) runconf_value_hash, (GEqualFunc) runconf_value_equal);
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_choices;

  for (guint i = 0; i < self->branches->len; i++)
    {
      const RunconfSubschema *choice
          = find_choice (checker, self->branches->pdata[i], self->choice_key);
      const RunconfNode *constant = choice != NULL ? choice->keywords[RUNCONF_KEYWORD_CONST] : NULL;
      const RunconfNode *values
          = choice != NULL && constant == NULL ? choice->keywords[RUNCONF_KEYWORD_ENUM] : NULL;

      if (constant != NULL)
        add_choice (checker, choices, text, constant);
      for (guint j = 0; values != NULL && j < runconf_node_get_length (values); j++)
        add_choice (checker, choices, text, runconf_node_get_child (values, j));
    }

  n_choices = g_hash_table_size (choices);
  if (n_choices > MAX_SHOWN_CHOICES)
    g_string_append_printf (text, " and %u more", n_choices - MAX_SHOWN_CHOICES);
  if (n_choices > 1)
    g_string_prepend (text, "one of ");

  return g_string_free (g_steal_pointer (&text), FALSE);
}
