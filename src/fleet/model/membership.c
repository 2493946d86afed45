/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/model/membership.h"

#include <stdlib.h>
#include <string.h>

#include "core/compare.h"

struct _RunconfFleetMembership
{
  char *host;
  char **own;
  GHashTable *matching; /* the groups of the fleet whose patterns match */
};

/**
 * runconf_fleet_membership_new:
 * @own: (nullable): the groups of the host's own settings
 *
 * Returns: (transfer full): the groups of a host
 */
RunconfFleetMembership *
runconf_fleet_membership_new (const char *host, const char *const *own)
{
  RunconfFleetMembership *self = g_new0 (RunconfFleetMembership, 1);

  self->host = g_strdup (host);
  self->own = own != NULL ? g_strdupv ((char **) own) : g_new0 (char *, 1);
  self->matching = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  return self;
}

void
runconf_fleet_membership_free (RunconfFleetMembership *self)
{
  g_free (self->host);
  g_strfreev (self->own);
  g_hash_table_unref (self->matching);
  g_free (self);
}

const char *
runconf_fleet_membership_get_host (const RunconfFleetMembership *self)
{
  return self->host;
}

/**
 * runconf_fleet_membership_clear:
 *
 * Forgets the groups of the fleet, which are read anew.
 */
void
runconf_fleet_membership_clear (RunconfFleetMembership *self)
{
  g_hash_table_remove_all (self->matching);
}

static gboolean
has_group (const RunconfFleetMembership *self, const char *group)
{
  return g_strv_contains ((const char *const *) self->own, group)
         || g_hash_table_contains (self->matching, group);
}

/**
 * runconf_fleet_membership_set:
 * @group: a group of the fleet
 * @is_member: whether one of its patterns matches the host
 *
 * Returns: whether the host joins or leaves the group by that
 */
gboolean
runconf_fleet_membership_set (RunconfFleetMembership *self, const char *group, gboolean is_member)
{
  gboolean was_member = has_group (self, group);

  if (is_member)
    g_hash_table_add (self->matching, g_strdup (group));
  else
    g_hash_table_remove (self->matching, group);

  return has_group (self, group) != was_member;
}

/**
 * runconf_fleet_membership_list:
 *
 * Returns: (transfer full): the groups of the host, in alphabetical order
 */
char **
runconf_fleet_membership_list (const RunconfFleetMembership *self)
{
  g_autoptr (GHashTable) all = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer group;
  guint n_groups;
  g_autofree gpointer *groups = NULL;

  for (char **own = self->own; *own != NULL; own++)
    g_hash_table_add (all, *own);
  g_hash_table_iter_init (&iter, self->matching);
  while (g_hash_table_iter_next (&iter, &group, NULL))
    g_hash_table_add (all, group);

  groups = g_hash_table_get_keys_as_array (all, &n_groups);
  qsort (groups, n_groups, sizeof (gpointer), runconf_compare_texts);

  return g_strdupv ((char **) groups);
}

/**
 * runconf_fleet_membership_reaches:
 * @key: a key
 *
 * Returns: whether the key is for this host: it has no scope, as a schema has none, or the host is
 *   in its scope
 */
gboolean
runconf_fleet_membership_reaches (const RunconfFleetMembership *self, const RunconfFleetKey *key)
{
  const RunconfFleetScope *scope = key->scope;

  if (scope == NULL || scope->type == RUNCONF_FLEET_ALL)
    return TRUE;
  if (scope->type == RUNCONF_FLEET_GROUP)
    return has_group (self, scope->name);

  return strcmp (scope->name, self->host) == 0;
}
