/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/place.h"

#include <string.h>
#include <sys/stat.h>

#include <glib.h>

#include "core/metadata.h"
#include "layers/files.h"
#include "yaml/document.h"

/* Finds the files that belong to a file of overrides. */

#define STATE_FOLDER "/var/lib/runconf"
#define DEFAULT_NAME "default"

void
cli_place_clear (CliPlace *self)
{
  g_free (self->file);
  g_free (self->defaults);
  g_free (self->root);
  g_free (self->name);
}

/* Returns: whether the file is at the place where a system service has it:
 * ROOT/var/lib/runconf/NAME/
 */
static gboolean
find_root (CliPlace *self)
{
  g_autofree char *base = g_path_get_basename (self->file);
  g_autofree char *folder = g_path_get_dirname (self->file);
  g_autofree char *name = g_path_get_basename (folder);
  g_autofree char *parent = g_path_get_dirname (folder);

  if (strcmp (base, RUNCONF_OVERRIDES_FILE) != 0 || !g_str_has_suffix (parent, STATE_FOLDER))
    return FALSE;

  self->root = g_strndup (parent, strlen (parent) - strlen (STATE_FOLDER));
  if (*self->root == '\0')
    {
      g_free (self->root);
      self->root = g_strdup ("/");
    }
  g_free (self->name);
  self->name = g_steal_pointer (&name);

  return TRUE;
}

/* Returns: (transfer full) (nullable): the path of the defaults that the overrides name */
static char *
read_defaults_path (const char *file)
{
  g_autofree char *text = NULL;
  g_autoptr (RunconfNode) root = NULL;
  gsize length;

  if (!g_file_get_contents (file, &text, &length, NULL))
    return NULL;

  root = runconf_read_value (text, (gssize) length, file, NULL);
  if (root == NULL || !runconf_node_is_mapping (root))
    return NULL;

  return g_strdup (runconf_metadata_get_default_path (root));
}

/**
 * cli_place_find_defaults:
 * @file: the file of the overrides
 *
 * Returns: (transfer full): the file of their defaults: the one that they name, or `config.yaml`
 *   beside them
 */
char *
cli_place_find_defaults (const char *file)
{
  g_autofree char *folder = g_path_get_dirname (file);
  char *path = read_defaults_path (file);

  return path != NULL ? path : g_build_filename (folder, RUNCONF_DEFAULTS_FILE, NULL);
}

/* The owner of the folder has to own the files created in it. If root works on the files of a
 * system image, that is the service's user.
 */
static void
find_owner (CliPlace *self)
{
  g_autofree char *folder = g_path_get_dirname (self->file);
  struct stat status;

  while (stat (folder, &status) != 0)
    {
      char *parent = g_path_get_dirname (folder);

      if (strcmp (parent, folder) == 0)
        {
          g_free (parent);
          return;
        }
      g_free (folder);
      folder = parent;
    }

  self->uid = status.st_uid;
  self->gid = status.st_gid;
}

/**
 * cli_place_find:
 * @file: the file of the overrides
 * @defaults: (nullable): the file of the defaults; by default the one that the overrides name, or
 *   `config.yaml` beside them
 * @name: (nullable): the name of the configuration
 *
 * Finds the files of a configuration, and their owner.
 */
void
cli_place_find (CliPlace *self, const char *file, const char *defaults, const char *name)
{
  self->file = g_canonicalize_filename (file, NULL);
  self->name = g_strdup (name != NULL ? name : DEFAULT_NAME);
  if (defaults != NULL)
    self->defaults = g_canonicalize_filename (defaults, NULL);
  else if (!find_root (self))
    self->defaults = cli_place_find_defaults (self->file);
  find_owner (self);
}
