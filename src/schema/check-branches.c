/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/escape.h"
#include "core/mapping.h"
#include "schema/checker.h"
#include "schema/value.h"

/* How far a branch is from being right: a value of another type, or one that a const or an enum tells
 * apart, was meant for another branch.
 */
#define DISTANCE_OF_TYPE 10000
#define DISTANCE_OF_CHOICE 100

/* in one message */
#define MAX_SHOWN_BRANCHES 10
#define MAX_SHOWN_VIOLATIONS 3

static guint
get_distance (RunconfdSchemaChecker *self, GPtrArray *violations)
{
  guint distance = 0;

  for (guint i = 0; i < violations->len; i++)
    {
      const RunconfdViolation *violation = violations->pdata[i];

      distance++;
      if (g_str_equal (violation->rule, "const") || g_str_equal (violation->rule, "enum"))
        distance += DISTANCE_OF_CHOICE;
      if (g_str_equal (violation->rule, "type") && g_str_equal (violation->path, self->path->str))
        distance += DISTANCE_OF_TYPE;
    }

  return distance;
}

static const RunconfdSubschema *
resolve (const RunconfdSubschema *subschema)
{
  while (subschema != NULL && subschema->ref != NULL)
    subschema = subschema->ref;

  return subschema;
}

/* Returns: the types of a branch that says no more than that, 0 of any other */
static RunconfdTypes
get_bare_types (const RunconfdSubschema *branch)
{
  return resolve (branch)->types;
}

/* Returns: (transfer full): “ (an HTTP server)” */
static char *
show_title (const RunconfdSubschema *branch)
{
  const RunconfNode *title = branch->keywords[RUNCONFD_KEYWORD_TITLE];
  g_autofree char *shown = NULL;

  if (title == NULL && branch->ref != NULL)
    title = branch->ref->keywords[RUNCONFD_KEYWORD_TITLE];
  if (title == NULL)
    return g_strdup ("");

  shown = runconf_escape (runconf_node_get_string (title, NULL), -1);

  return g_strdup_printf (" (%s)", shown);
}

/* Returns: (nullable): the schema of a key that a branch allows few values for, with `const` or `enum` */
static const RunconfdSubschema *
find_choice (const RunconfdSubschema *branch, const char *key)
{
  const RunconfdSubschema *target = resolve (branch);
  const RunconfdSubschema *property
      = target->properties != NULL ? resolve (g_hash_table_lookup (target->properties, key)) : NULL;

  return property != NULL
                 && (property->keywords[RUNCONFD_KEYWORD_CONST] != NULL
                     || property->keywords[RUNCONFD_KEYWORD_ENUM] != NULL)
             ? property
             : NULL;
}

/* Returns: (nullable): a key that each branch has its own values for, so that it tells them apart */
static const char *
find_discriminator (GPtrArray *branches)
{
  const RunconfdSubschema *first = resolve (branches->pdata[0]);
  const char *found = NULL;
  GHashTableIter iter;
  gpointer key;

  if (first->properties == NULL)
    return NULL;

  g_hash_table_iter_init (&iter, first->properties);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      guint n_choices = 0;

      while (n_choices < branches->len && find_choice (branches->pdata[n_choices], key) != NULL)
        n_choices++;
      /* of several keys, the same one each time */
      if (n_choices == branches->len && (found == NULL || strcmp (key, found) < 0))
        found = key;
    }

  return found;
}

static void
append_choice (GString *text, const RunconfNode *value)
{
  g_autofree char *shown = runconfd_value_show (value);

  if (text->len > 0)
    g_string_append (text, ", ");
  g_string_append (text, shown);
}

/* Returns: (transfer full): the values of a key in all branches */
static char *
show_choices (GPtrArray *branches, const char *key)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < branches->len && i < MAX_SHOWN_BRANCHES; i++)
    {
      const RunconfdSubschema *choice = find_choice (branches->pdata[i], key);
      const RunconfNode *values = choice->keywords[RUNCONFD_KEYWORD_ENUM];

      if (choice->keywords[RUNCONFD_KEYWORD_CONST] != NULL)
        append_choice (text, choice->keywords[RUNCONFD_KEYWORD_CONST]);
      for (guint j = 0;
           values != NULL && j < MIN (runconf_node_get_length (values), MAX_SHOWN_BRANCHES); j++)
        append_choice (text, runconf_node_get_child (values, j));
    }
  if (branches->len > MAX_SHOWN_BRANCHES)
    g_string_append (text, ", …");

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Returns: (nullable): the one branch whose choice for the key the value has made */
static const RunconfdSubschema *
find_meant (RunconfdSchemaChecker *self, GPtrArray *branches, const char *key,
            const RunconfNode *chosen)
{
  const RunconfdSubschema *meant = NULL;

  for (guint i = 0; i < branches->len; i++)
    {
      if (!runconfd_checker_try (self, find_choice (branches->pdata[i], key), chosen))
        continue;
      if (meant != NULL)
        return NULL;
      meant = branches->pdata[i];
    }

  return meant;
}

/* Returns: (transfer full): some violations, as a part of a sentence */
static char *
join (RunconfdSchemaChecker *self, GPtrArray *violations)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < violations->len && i < MAX_SHOWN_VIOLATIONS; i++)
    {
      const RunconfdViolation *violation = violations->pdata[i];

      g_string_append_printf (text, "%s%s", i > 0 ? "; " : "",
                              g_str_equal (violation->path, self->path->str) ? violation->text
                                                                             : violation->message);
    }
  if (violations->len > MAX_SHOWN_VIOLATIONS)
    g_string_append_printf (text, "; and %u more", violations->len - MAX_SHOWN_VIOLATIONS);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A key tells which branch was meant: the value is judged by that one. */
static gboolean
refuse_by_key (RunconfdSchemaChecker *self, RunconfdKeyword rule, GPtrArray *branches,
               const RunconfNode *value, const char *key)
{
  const RunconfNode *chosen = runconf_mapping_get (value, key);
  const RunconfdSubschema *meant = chosen != NULL ? find_meant (self, branches, key, chosen) : NULL;
  g_autofree char *shown_key = runconf_escape (key, -1);
  g_autofree char *choices = NULL;
  g_autofree char *title = NULL;
  g_autofree char *problems = NULL;
  g_autoptr (GPtrArray) found = NULL;

  if (meant == NULL)
    {
      choices = show_choices (branches, key);
      return runconfd_checker_refuse (
          self, rule, value,
          "fits none of the %u forms that it may have: its key “%s” must be one of %s",
          branches->len, shown_key, choices);
    }

  found = runconfd_checker_explain (self, meant, value);
  title = show_title (meant);
  problems = join (self, found);

  return runconfd_checker_refuse (self, rule, value,
                                  "doesn't fit the form that its key “%s” names%s: %s", shown_key,
                                  title, problems);
}

/* Returns: (transfer full): “: a file, a directory”, the titles of the branches, if all have one */
static char *
show_titles (GPtrArray *branches)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < branches->len && i < MAX_SHOWN_BRANCHES; i++)
    {
      g_autofree char *title = show_title (branches->pdata[i]);

      if (*title == '\0')
        return g_strdup ("");
      g_string_append_printf (text, "%s%.*s", i > 0 ? ", " : " (", (int) strlen (title) - 3,
                              title + 2);
    }
  g_string_append (text, branches->len > MAX_SHOWN_BRANCHES ? ", …)" : ")");

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Says what is wrong with a value that fits no branch: by the branch that it names, or else by the
 * nearest.
 */
static gboolean
refuse_all (RunconfdSchemaChecker *self, RunconfdKeyword rule, GPtrArray *branches,
            const RunconfNode *value)
{
  g_autoptr (GPtrArray) nearest = NULL;
  const RunconfdSubschema *nearest_branch = NULL;
  const char *key = runconf_node_is_mapping (value) ? find_discriminator (branches) : NULL;
  g_autofree char *titles = NULL;
  g_autofree char *title = NULL;
  g_autofree char *problems = NULL;
  g_autofree char *wanted = NULL;
  guint least = G_MAXUINT;
  RunconfdTypes types = 0;

  if (key != NULL)
    return refuse_by_key (self, rule, branches, value, key);

  for (guint i = 0; i < branches->len; i++)
    {
      g_autoptr (GPtrArray) found = runconfd_checker_explain (self, branches->pdata[i], value);
      guint distance = get_distance (self, found);

      types |= get_bare_types (branches->pdata[i]);
      if (found->len == 0 || distance >= least)
        continue;
      least = distance;
      nearest_branch = branches->pdata[i];
      g_clear_pointer (&nearest, g_ptr_array_unref);
      nearest = g_steal_pointer (&found);
    }
  if (nearest == NULL)
    return FALSE;

  if (least >= DISTANCE_OF_TYPE && types != 0)
    {
      wanted = runconfd_types_print (types);
      return runconfd_checker_refuse (self, rule, value, "isn't right: it must be %s", wanted);
    }

  titles = show_titles (branches);
  title = show_title (nearest_branch);
  problems = join (self, nearest);

  return runconfd_checker_refuse (
      self, rule, value, "fits none of the %u forms that it may have%s; to the nearest%s, %s",
      branches->len, titles, title, problems);
}

static gboolean
check_all (RunconfdSchemaChecker *self, GPtrArray *branches, const RunconfNode *value)
{
  gboolean is_right = TRUE;

  for (guint i = 0; branches != NULL && i < branches->len; i++)
    {
      if (!runconfd_checker_check (self, branches->pdata[i], value))
        is_right = FALSE;
      if (!is_right && self->violations == NULL)
        break;
    }

  return is_right;
}

static gboolean
check_any (RunconfdSchemaChecker *self, GPtrArray *branches, const RunconfNode *value)
{
  if (branches == NULL)
    return TRUE;

  for (guint i = 0; i < branches->len; i++)
    {
      if (runconfd_checker_try (self, branches->pdata[i], value))
        return TRUE;
    }

  return self->violations != NULL ? refuse_all (self, RUNCONFD_KEYWORD_ANY_OF, branches, value)
                                  : FALSE;
}

static gboolean
check_one (RunconfdSchemaChecker *self, GPtrArray *branches, const RunconfNode *value)
{
  guint n_right = 0;

  if (branches == NULL)
    return TRUE;

  for (guint i = 0; i < branches->len && !runconfd_checker_is_done (self); i++)
    n_right += runconfd_checker_try (self, branches->pdata[i], value);
  if (n_right == 1 || runconfd_checker_is_done (self))
    return TRUE;
  if (n_right > 1)
    return runconfd_checker_refuse (self, RUNCONFD_KEYWORD_ONE_OF, value,
                                    "fits %u of the %u forms that it may have, and must fit only "
                                    "one",
                                    n_right, branches->len);

  return self->violations != NULL ? refuse_all (self, RUNCONFD_KEYWORD_ONE_OF, branches, value)
                                  : FALSE;
}

static gboolean
check_not (RunconfdSchemaChecker *self, const RunconfdSubschema *forbidden,
           const RunconfNode *value)
{
  g_autofree char *title = NULL;

  if (forbidden == NULL || !runconfd_checker_try (self, forbidden, value)
      || runconfd_checker_is_done (self))
    return TRUE;

  title = show_title (forbidden);

  return runconfd_checker_refuse (self, RUNCONFD_KEYWORD_NOT, value, "is what may not stand here%s",
                                  title);
}

static gboolean
check_condition (RunconfdSchemaChecker *self, const RunconfdSubschema *subschema,
                 const RunconfNode *value)
{
  const RunconfdSubschema *condition = subschema->subschemas[RUNCONFD_KEYWORD_IF];
  const RunconfdSubschema *wanted;

  if (condition == NULL)
    return TRUE;

  wanted = subschema
               ->subschemas[runconfd_checker_try (self, condition, value) ? RUNCONFD_KEYWORD_THEN
                                                                          : RUNCONFD_KEYWORD_ELSE];

  return wanted == NULL || runconfd_checker_check (self, wanted, value);
}

gboolean
runconfd_checker_check_branches (RunconfdSchemaChecker *self, const RunconfdSubschema *subschema,
                                 const RunconfNode *value)
{
  gboolean is_right = check_all (self, subschema->lists[RUNCONFD_KEYWORD_ALL_OF], value);

  if (!check_any (self, subschema->lists[RUNCONFD_KEYWORD_ANY_OF], value))
    is_right = FALSE;
  if (!check_one (self, subschema->lists[RUNCONFD_KEYWORD_ONE_OF], value))
    is_right = FALSE;
  if (!check_not (self, subschema->subschemas[RUNCONFD_KEYWORD_NOT], value))
    is_right = FALSE;
  if (!check_condition (self, subschema, value))
    is_right = FALSE;

  return is_right;
}
