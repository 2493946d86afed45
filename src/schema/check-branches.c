/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "schema/checker.h"

/* Checks `allOf`, `anyOf`, `oneOf`, `not` and `if`. */

static gboolean
check_all (RunconfSchemaChecker *self, GPtrArray *branches, const RunconfNode *value)
{
  gboolean is_right = TRUE;

  for (guint i = 0; branches != NULL && i < branches->len; i++)
    {
      if (!runconf_checker_check (self, branches->pdata[i], value))
        is_right = FALSE;
      if (!is_right && self->violations == NULL)
        break;
    }

  return is_right;
}

static gboolean
check_any (RunconfSchemaChecker *self, GPtrArray *branches, const RunconfNode *value)
{
  if (branches == NULL)
    return TRUE;

  for (guint i = 0; i < branches->len; i++)
    {
      if (runconf_checker_try (self, branches->pdata[i], value))
        return TRUE;
    }

  return self->violations != NULL
             ? runconf_checker_refuse_forms (self, RUNCONF_KEYWORD_ANY_OF, branches, value)
             : FALSE;
}

static gboolean
check_one (RunconfSchemaChecker *self, GPtrArray *branches, const RunconfNode *value)
{
  guint n_right = 0;

  if (branches == NULL)
    return TRUE;

  for (guint i = 0; i < branches->len && !runconf_checker_is_done (self); i++)
    n_right += runconf_checker_try (self, branches->pdata[i], value);
  if (n_right == 1 || runconf_checker_is_done (self))
    return TRUE;
  if (n_right > 1)
    return runconf_checker_refuse (self, RUNCONF_KEYWORD_ONE_OF, value,
                                   "fits %u of the %u allowed forms, and must fit exactly one",
                                   n_right, branches->len);

  return self->violations != NULL
             ? runconf_checker_refuse_forms (self, RUNCONF_KEYWORD_ONE_OF, branches, value)
             : FALSE;
}

static gboolean
check_not (RunconfSchemaChecker *self, const RunconfSubschema *forbidden, const RunconfNode *value)
{
  g_autofree char *title = NULL;

  if (forbidden == NULL || !runconf_checker_try (self, forbidden, value)
      || runconf_checker_is_done (self))
    return TRUE;

  title = runconf_subschema_show_title (forbidden);

  return runconf_checker_refuse (self, RUNCONF_KEYWORD_NOT, value, "isn't allowed here%s", title);
}

static gboolean
check_condition (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                 const RunconfNode *value)
{
  const RunconfSubschema *condition = subschema->subschemas[RUNCONF_KEYWORD_IF];
  const RunconfSubschema *wanted;

  if (condition == NULL)
    return TRUE;

  wanted
      = subschema->subschemas[runconf_checker_try (self, condition, value) ? RUNCONF_KEYWORD_THEN
                                                                           : RUNCONF_KEYWORD_ELSE];

  return wanted == NULL || runconf_checker_check (self, wanted, value);
}

gboolean
runconf_checker_check_branches (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                                const RunconfNode *value)
{
  gboolean is_right = check_all (self, subschema->lists[RUNCONF_KEYWORD_ALL_OF], value);

  if (!check_any (self, subschema->lists[RUNCONF_KEYWORD_ANY_OF], value))
    is_right = FALSE;
  if (!check_one (self, subschema->lists[RUNCONF_KEYWORD_ONE_OF], value))
    is_right = FALSE;
  if (!check_not (self, subschema->subschemas[RUNCONF_KEYWORD_NOT], value))
    is_right = FALSE;
  if (!check_condition (self, subschema, value))
    is_right = FALSE;

  return is_right;
}
