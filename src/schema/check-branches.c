/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/escape.h"
#include "schema/checker.h"

/* How far a branch is from being right: a value of another type, or one that a const or an enum tells
 * apart, was meant for another branch.
 */
#define DISTANCE_OF_TYPE 10000
#define DISTANCE_OF_CHOICE 100

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

/* Returns: the types of a branch that says no more than that, 0 of any other */
static RunconfdTypes
get_bare_types (const RunconfdSubschema *branch)
{
  while (branch->ref != NULL)
    branch = branch->ref;

  return branch->types;
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

/* Tells what is wrong with a value that fits no branch: what the nearest of them says. */
static gboolean
refuse_all (RunconfdSchemaChecker *self, RunconfdKeyword rule, GPtrArray *branches,
            const RunconfNode *value)
{
  g_autoptr (GPtrArray) nearest = NULL;
  const RunconfdViolation *first;
  const RunconfdSubschema *nearest_branch = NULL;
  g_autofree char *title = NULL;
  g_autofree char *wanted = NULL;
  guint least = G_MAXUINT;
  RunconfdTypes types = 0;

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

  title = show_title (nearest_branch);
  first = nearest->pdata[0];

  return runconfd_checker_refuse (
      self, rule, value, "fits none of the %u forms that it may have; to the nearest%s, %s",
      branches->len, title,
      g_str_equal (first->path, self->path->str) ? first->text : first->message);
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
