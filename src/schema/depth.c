/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/error.h"
#include "core/escape.h"
#include "schema/private.h"

/* A check descends into the tree, whose depth is bounded, and from a subschema to the subschemas
 * for the same value: these must not form a loop, nor lead too deep.
 */

typedef struct
{
  guint depth;
  guint height; /* the largest height of a child so far */
  const RunconfSubschema *culprit;
  gboolean is_loop;
} Walk;

static gboolean
visit (RunconfSubschema *self, gpointer data)
{
  const RunconfRelation relations = RUNCONF_RELATION_HERE | RUNCONF_RELATION_ASKED;
  Walk *parent = data;
  Walk walk = { parent->depth + 1, 0, NULL, FALSE };

  if (self->is_active || walk.depth + self->height > RUNCONF_MAX_IN_PLACE_DEPTH)
    {
      parent->culprit = self;
      parent->is_loop = self->is_active;
      return FALSE;
    }

  if (self->height == 0)
    {
      self->is_active = TRUE;
      if (!runconf_subschema_each (self, relations, visit, &walk))
        {
          parent->culprit = walk.culprit;
          parent->is_loop = walk.is_loop;
          return FALSE;
        }
      self->is_active = FALSE;
      self->height = walk.height + 1;
    }
  parent->height = MAX (parent->height, self->height);

  return TRUE;
}

/* Returns: whether the check of one value always ends */
gboolean
runconf_schema_check_depth (RunconfSchema *self, char **where, GError **error)
{
  Walk walk = { 0, 0, NULL, FALSE };
  g_autofree char *shown = NULL;

  for (guint i = 0; i < self->subschemas->len; i++)
    {
      if (!visit (self->subschemas->pdata[i], &walk))
        break;
    }
  if (walk.culprit == NULL)
    return TRUE;

  shown = *walk.culprit->place != '\0' ? runconf_escape (walk.culprit->place, -1)
                                       : g_strdup ("the schema");
  if (walk.is_loop)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                 "%s: it refers to itself by “$ref” without going deeper into the value, so that a "
                 "check would never end",
                 shown);
  else
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                 "%s: more than %d schemas refer to each other for one value", shown,
                 RUNCONF_MAX_IN_PLACE_DEPTH);
  if (where != NULL)
    *where = g_strdup (walk.culprit->place);

  return FALSE;
}
