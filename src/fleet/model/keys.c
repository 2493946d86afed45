/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/model/keys.h"

#include <string.h>

/* The types: the first segment below the prefix, the parts behind it, and the last segment. */
static const struct
{
  const char *folder;
  RunconfFleetNameType name;
  gboolean has_scope;
  gboolean has_change;
  const char *last;
} types[] = {
  [RUNCONF_FLEET_KEY_GROUP] = { "groups/", RUNCONF_FLEET_NAME_GROUP, FALSE, FALSE, "" },
  [RUNCONF_FLEET_KEY_CONFIG] = { "config/", RUNCONF_FLEET_NAME_CONFIGURATION, TRUE, FALSE, "" },
  [RUNCONF_FLEET_KEY_AUTHOR]
  = { "config/", RUNCONF_FLEET_NAME_CONFIGURATION, TRUE, FALSE, "/author" },
  [RUNCONF_FLEET_KEY_LOCKS] = { "locks/", RUNCONF_FLEET_NAME_CONFIGURATION, TRUE, FALSE, "" },
  [RUNCONF_FLEET_KEY_SCHEMA] = { "schema/", RUNCONF_FLEET_NAME_CONFIGURATION, FALSE, FALSE, "" },
  [RUNCONF_FLEET_KEY_HISTORY] = { "history/", RUNCONF_FLEET_NAME_CONFIGURATION, TRUE, TRUE, "" },
  [RUNCONF_FLEET_KEY_STATUS] = { "status/", RUNCONF_FLEET_NAME_HOST, FALSE, FALSE, "" },
  [RUNCONF_FLEET_KEY_SEEN] = { "status/", RUNCONF_FLEET_NAME_HOST, FALSE, FALSE, "/seen" },
  [RUNCONF_FLEET_KEY_ROLLOUT] = { "rollout/", RUNCONF_FLEET_NAME_CONFIGURATION, TRUE, FALSE, "" },
  [RUNCONF_FLEET_KEY_CONTROLLER]
  = { "rollout/", RUNCONF_FLEET_NAME_CONFIGURATION, TRUE, FALSE, "/controller" },
};

/* Returns: (transfer full): the text up to @separator, and moves *@rest behind it */
static char *
take_until (const char **rest, const char *separator)
{
  const char *end = separator != NULL ? separator : *rest + strlen (*rest);
  char *part = g_strndup (*rest, end - *rest);

  *rest = separator != NULL ? separator + 1 : end;
  return part;
}

static gboolean
parse_scope (RunconfFleetKey *self, const char *rest)
{
  g_autofree char *scope = NULL;

  if (types[self->type].has_change)
    {
      const char *last = strrchr (rest, '/');

      if (last == NULL)
        return FALSE;

      scope = take_until (&rest, last);
      self->change = g_strdup (rest);
      if (!runconf_fleet_check_name (RUNCONF_FLEET_NAME_CHANGE, self->change, NULL))
        return FALSE;
    }

  self->scope = runconf_fleet_scope_parse (scope != NULL ? scope : rest, NULL);
  return self->scope != NULL;
}

static gboolean
parse_parts (RunconfFleetKey *self, const char *rest)
{
  const char *slash = strchr (rest, '/');

  if ((slash != NULL) != types[self->type].has_scope)
    return FALSE;

  self->name = take_until (&rest, slash);
  if (!runconf_fleet_check_name (types[self->type].name, self->name, NULL))
    return FALSE;

  return slash == NULL || parse_scope (self, rest);
}

/* Returns: (transfer full) (nullable): the parts of a key, if it is of the type */
static RunconfFleetKey *
parse_as (RunconfFleetKeyType type, const char *text)
{
  const char *last = types[type].last;
  g_autoptr (RunconfFleetKey) self = NULL;
  g_autofree char *rest = NULL;

  if (!g_str_has_prefix (text, types[type].folder))
    return NULL;

  text += strlen (types[type].folder);
  if (!g_str_has_suffix (text, last))
    return NULL;

  self = g_new0 (RunconfFleetKey, 1);
  self->type = type;
  rest = g_strndup (text, strlen (text) - strlen (last));

  return parse_parts (self, rest) ? g_steal_pointer (&self) : NULL;
}

/**
 * runconf_fleet_key_parse:
 * @prefix: the prefix of the fleet
 * @text: a key in etcd
 *
 * Returns: (transfer full) (nullable): its parts, or %NULL if it isn't a key of a fleet
 */
RunconfFleetKey *
runconf_fleet_key_parse (const char *prefix, const char *text)
{
  RunconfFleetKey *self = NULL;

  if (!g_str_has_prefix (text, prefix))
    return NULL;

  for (guint i = 0; self == NULL && i < G_N_ELEMENTS (types); i++)
    self = parse_as (i, text + strlen (prefix));

  return self;
}

void
runconf_fleet_key_free (RunconfFleetKey *self)
{
  g_free (self->name);
  g_clear_pointer (&self->scope, runconf_fleet_scope_free);
  g_free (self->change);
  g_free (self);
}

char *
runconf_fleet_key_for_group (const char *prefix, const char *group)
{
  return g_strconcat (prefix, types[RUNCONF_FLEET_KEY_GROUP].folder, group, NULL);
}

char *
runconf_fleet_key_for_schema (const char *prefix, const char *configuration)
{
  return g_strconcat (prefix, types[RUNCONF_FLEET_KEY_SCHEMA].folder, configuration, NULL);
}

char *
runconf_fleet_key_for_status (const char *prefix, const char *host)
{
  return g_strconcat (prefix, types[RUNCONF_FLEET_KEY_STATUS].folder, host, NULL);
}

char *
runconf_fleet_key_for_seen (const char *prefix, const char *host)
{
  return g_strconcat (prefix, types[RUNCONF_FLEET_KEY_SEEN].folder, host,
                      types[RUNCONF_FLEET_KEY_SEEN].last, NULL);
}

/**
 * runconf_fleet_key_for_scope:
 * @type: a type of key with configuration and scope, but not the history
 *
 * Returns: (transfer full): the key
 */
char *
runconf_fleet_key_for_scope (const char *prefix, RunconfFleetKeyType type,
                             const char *configuration, const RunconfFleetScope *scope)
{
  g_autofree char *text = runconf_fleet_scope_to_string (scope);

  g_return_val_if_fail (types[type].has_scope && !types[type].has_change, NULL);

  return g_strconcat (prefix, types[type].folder, configuration, "/", text, types[type].last, NULL);
}

char *
runconf_fleet_key_for_change (const char *prefix, const char *configuration,
                              const RunconfFleetScope *scope, const char *change)
{
  g_autofree char *folder
      = runconf_fleet_key_prefix (prefix, RUNCONF_FLEET_KEY_HISTORY, configuration, scope);

  return g_strconcat (folder, change, NULL);
}

/**
 * runconf_fleet_key_prefix:
 * @type: the type of the keys
 * @configuration: (nullable): their configuration, for types that have one
 * @scope: (nullable): their scope, only for the history, with @configuration
 *
 * Returns: (transfer full): the text that all these keys begin with, and a slash at its end
 */
char *
runconf_fleet_key_prefix (const char *prefix, RunconfFleetKeyType type, const char *configuration,
                          const RunconfFleetScope *scope)
{
  g_autofree char *text = scope != NULL ? runconf_fleet_scope_to_string (scope) : NULL;

  g_return_val_if_fail (configuration == NULL || types[type].has_scope, NULL);
  g_return_val_if_fail (scope == NULL || (configuration != NULL && types[type].has_change), NULL);

  if (configuration == NULL)
    return g_strconcat (prefix, types[type].folder, NULL);
  if (scope == NULL)
    return g_strconcat (prefix, types[type].folder, configuration, "/", NULL);

  return g_strconcat (prefix, types[type].folder, configuration, "/", text, "/", NULL);
}
