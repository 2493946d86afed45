/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/roster.h"

#include <errno.h>

/* Each host has a client, a watch, a lease and a folder of its own, as if it were alone. */

static char **
split_line (const char *line)
{
  g_autofree char *text = g_strdup (line);

  g_strdelimit (text, "\t\r", ' ');
  g_strstrip (text);

  return g_strsplit (text, " ", -1);
}

static RunconfFleetdHost *
make_host (const RunconfFleetSettings *settings, char **words, const char *root, GError **error)
{
  RunconfFleetSettings own = *settings;
  g_autofree char *own_root = g_build_filename (root, words[0], NULL);
  g_autofree char *folder = g_build_filename (own_root, settings->folder, NULL);
  g_autofree char *parent = g_path_get_dirname (folder);

  own.host = words[0];
  own.groups = words + 1;
  own.bus = RUNCONF_FLEET_BUS_NONE;
  if (g_mkdir_with_parents (parent, 0755) < 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: can't create it: %s",
                   parent, g_strerror (errno));
      return NULL;
    }

  return runconf_fleetd_host_new (&own, own_root, error);
}

/**
 * runconf_fleetd_roster_new:
 * @file: each line is the name of a host, and its own groups
 * @root: the folder that gets a folder for each host
 *
 * Returns: (transfer full) (nullable) (element-type RunconfFleetdHost): the hosts, or %NULL with an
 *   error
 */
GPtrArray *
runconf_fleetd_roster_new (const RunconfFleetSettings *settings, const char *file, const char *root,
                           GError **error)
{
  g_autoptr (GPtrArray) hosts
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_fleetd_host_free);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (file, &text, NULL, error))
    return NULL;

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = split_line (lines[i]);
      RunconfFleetdHost *host;

      if (words[0] == NULL || *words[0] == '\0')
        continue;
      host = make_host (settings, words, root, error);
      if (host == NULL)
        {
          g_prefix_error (error, "%s:%u: ", file, i + 1);
          return NULL;
        }
      g_ptr_array_add (hosts, host);
    }

  return g_steal_pointer (&hosts);
}
