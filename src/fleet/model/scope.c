/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/model/keys.h"

#include <string.h>

#include "core/error.h"
#include "core/escape.h"

#define GROUPS "groups/"
#define HOSTS "hosts/"

/**
 * runconf_fleet_scope_new:
 * @type: the reach
 * @name: (nullable): the group or host
 *
 * Returns: (transfer full): the scope, or %NULL if @name isn't valid
 */
RunconfFleetScope *
runconf_fleet_scope_new (RunconfFleetScopeType type, const char *name, GError **error)
{
  RunconfFleetScope *self;

  if (type == RUNCONF_FLEET_GROUP
      && !runconf_fleet_check_name (RUNCONF_FLEET_NAME_GROUP, name, error))
    return NULL;
  if (type == RUNCONF_FLEET_HOST
      && !runconf_fleet_check_name (RUNCONF_FLEET_NAME_HOST, name, error))
    return NULL;

  self = g_new0 (RunconfFleetScope, 1);
  self->type = type;
  self->name = type == RUNCONF_FLEET_ALL ? NULL : g_strdup (name);
  return self;
}

/**
 * runconf_fleet_scope_parse:
 * @text: `all`, `groups/GROUP` or `hosts/HOST`
 *
 * Returns: (transfer full): the scope, or %NULL
 */
RunconfFleetScope *
runconf_fleet_scope_parse (const char *text, GError **error)
{
  g_autofree char *shown = NULL;

  if (g_str_equal (text, "all"))
    return runconf_fleet_scope_new (RUNCONF_FLEET_ALL, NULL, error);
  if (g_str_has_prefix (text, GROUPS))
    return runconf_fleet_scope_new (RUNCONF_FLEET_GROUP, text + strlen (GROUPS), error);
  if (g_str_has_prefix (text, HOSTS))
    return runconf_fleet_scope_new (RUNCONF_FLEET_HOST, text + strlen (HOSTS), error);

  shown = runconf_escape (text, -1);
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
               "the scope “%s”: a scope is “all”, “groups/GROUP” or “hosts/HOST”", shown);
  return NULL;
}

RunconfFleetScope *
runconf_fleet_scope_copy (const RunconfFleetScope *self)
{
  RunconfFleetScope *copy = g_new0 (RunconfFleetScope, 1);

  copy->type = self->type;
  copy->name = g_strdup (self->name);
  return copy;
}

void
runconf_fleet_scope_free (RunconfFleetScope *self)
{
  g_free (self->name);
  g_free (self);
}

/**
 * runconf_fleet_scope_to_string:
 *
 * Returns: (transfer full): the text that runconf_fleet_scope_parse() takes
 */
char *
runconf_fleet_scope_to_string (const RunconfFleetScope *self)
{
  if (self->type == RUNCONF_FLEET_ALL)
    return g_strdup ("all");

  return g_strconcat (self->type == RUNCONF_FLEET_GROUP ? GROUPS : HOSTS, self->name, NULL);
}

gboolean
runconf_fleet_scope_equal (const RunconfFleetScope *a, const RunconfFleetScope *b)
{
  return a->type == b->type && g_strcmp0 (a->name, b->name) == 0;
}
