/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/path.h"

#include <string.h>

#include <runconf/runconf.h>

/* JSON Pointers, which are the paths of values. */

/* Returns: (transfer full): the path of a key below a path */
char *
editor_path_append (const char *path, const char *key)
{
  const char *keys[] = { key, NULL };
  g_autofree char *end = runconf_path_join (keys);

  return g_strconcat (path, end, NULL);
}

/* Returns: whether the path is the other one, or one below it */
gboolean
editor_path_is_below (const char *path, const char *ancestor)
{
  gsize length = strlen (ancestor);

  return strncmp (path, ancestor, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* Returns: whether a change of these paths may have changed the value at a path */
gboolean
editor_path_is_touched (const char *path, const char *const *changed)
{
  for (; *changed != NULL; changed++)
    if (editor_path_is_below (path, *changed) || editor_path_is_below (*changed, path))
      return TRUE;

  return FALSE;
}
