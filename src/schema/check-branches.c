/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "schema/checker.h"

/* Checks `allOf`, `anyOf`, `oneOf`, `not` and `if`. */

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

  return self->violations != NULL
             ? runconfd_checker_refuse_forms (self, RUNCONFD_KEYWORD_ANY_OF, branches, value)
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
                                    "fits %u of the %u allowed forms, and must fit exactly one",
                                    n_right, branches->len);

  return self->violations != NULL
             ? runconfd_checker_refuse_forms (self, RUNCONFD_KEYWORD_ONE_OF, branches, value)
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

  title = runconfd_subschema_show_title (forbidden);

  return runconfd_checker_refuse (self, RUNCONFD_KEYWORD_NOT, value, "isn't allowed here%s", title);
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
