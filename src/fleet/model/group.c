/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/model/group.h"

#include "fleet/model/form.h"
#include "fleet/model/keys.h"

typedef struct
{
  char **hosts;
} Group;

static const RunconfFleetField fields[] = {
  { "hosts", RUNCONF_FLEET_FIELD_STRINGS, G_STRUCT_OFFSET (Group, hosts) },
};

static gboolean
check_patterns (RunconfFleetForm *form, char *const *patterns, GError **error)
{
  for (guint i = 0; patterns != NULL && patterns[i] != NULL; i++)
    {
      g_autofree char *pointer = g_strdup_printf ("/hosts/%u", i);
      g_autoptr (GError) reason = NULL;

      if (runconf_fleet_check_pattern (patterns[i], &reason))
        continue;

      runconf_fleet_form_fail (form, pointer, error, "%s", reason->message);
      return FALSE;
    }

  return TRUE;
}

static gboolean
read_group (Group *self, RunconfFleetForm *form, GError **error)
{
  return runconf_fleet_form_check_keys (form, NULL, fields, G_N_ELEMENTS (fields), error)
         && runconf_fleet_form_read (form, NULL, fields, G_N_ELEMENTS (fields), self, error)
         && check_patterns (form, self->hosts, error);
}

/**
 * runconf_fleet_group_parse:
 * @text: YAML, such as `hosts: ["web-*", db1]`
 * @name: the key of the text, for messages
 *
 * Returns: (transfer full) (nullable): the patterns of the hosts, or %NULL with an error that has
 *   the line and the column
 */
char **
runconf_fleet_group_parse (GBytes *text, const char *name, GError **error)
{
  g_autoptr (RunconfFleetForm) form = runconf_fleet_form_new (text, name, error);
  Group group = { NULL };

  if (form == NULL)
    return NULL;

  if (!read_group (&group, form, error))
    {
      runconf_fleet_fields_clear (fields, G_N_ELEMENTS (fields), &group);
      return NULL;
    }

  return group.hosts != NULL ? group.hosts : g_new0 (char *, 1);
}

/**
 * runconf_fleet_group_has:
 *
 * Returns: whether a pattern matches the name of the host
 */
gboolean
runconf_fleet_group_has (const char *const *patterns, const char *host)
{
  for (; *patterns != NULL; patterns++)
    {
      if (runconf_fleet_pattern_matches (*patterns, host))
        return TRUE;
    }

  return FALSE;
}
