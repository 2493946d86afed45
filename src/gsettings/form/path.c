/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "gsettings/form/form.h"

/**
 * runconf_gsettings_path:
 * @key: the full name of a key, such as `/org/gnome/desktop/interface/clock-format`, or a folder
 *   of keys, which ends in a slash
 *
 * Returns: (transfer full): the path in the configuration, a JSON Pointer: the same text, with `~0`
 *   for `~`, and without the slash at the end
 */
char *
runconf_gsettings_path (const char *key)
{
  GString *path = g_string_new (key);

  if (g_str_has_suffix (key, "/"))
    g_string_truncate (path, path->len - 1);
  if (strchr (key, '~') != NULL)
    g_string_replace (path, "~", "~0", 0);

  return g_string_free (path, FALSE);
}

/**
 * runconf_gsettings_key:
 * @path: a path in the configuration, a JSON Pointer
 *
 * Returns: (transfer full) (nullable): the full name of the key; %NULL if no key has this path,
 *   since a segment is empty or has a slash in it
 */
char *
runconf_gsettings_key (const char *path)
{
  GString *key;
  const char *escape = strchr (path, '~');

  if (*path != '/' || g_str_has_suffix (path, "/") || strstr (path, "//") != NULL
      || (escape != NULL && strstr (escape, "~1") != NULL))
    return NULL;
  if (escape == NULL)
    return g_strdup (path);

  key = g_string_new (path);
  g_string_replace (key, "~0", "~", 0);

  return g_string_free (key, FALSE);
}
