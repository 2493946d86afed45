/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/object-path.h"

#include <string.h>

#define MAX_NAME_LENGTH 64

/**
 * runconf_object_path_is_name:
 *
 * Returns: whether @name is valid for a configuration: 1 to 64 of `A-Z a-z 0-9 _ . -`, the first a
 *   letter or a digit
 */
gboolean
runconf_object_path_is_name (const char *name)
{
  gsize length = strlen (name);

  if (length > MAX_NAME_LENGTH || !g_ascii_isalnum (*name))
    return FALSE;

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (name[i]) && strchr ("_.-", name[i]) == NULL)
      return FALSE;

  return TRUE;
}

/**
 * runconf_object_path_new:
 * @name: the name of a configuration
 *
 * Escapes a name as systemd does for labels of an object path: a character other than a letter or a
 * digit, and a digit at the beginning, becomes `_` and two hexadecimal digits.
 *
 * Returns: (transfer full): the object path of the configuration
 */
char *
runconf_object_path_new (const char *name)
{
  g_autoptr (GString) path = g_string_new (RUNCONF_MANAGER_PATH "/");

  for (const char *c = name; *c != '\0'; c++)
    {
      if (g_ascii_isalpha (*c) || (c > name && g_ascii_isdigit (*c)))
        g_string_append_c (path, *c);
      else
        g_string_append_printf (path, "_%02x", (guchar) *c);
    }

  return g_string_free (g_steal_pointer (&path), FALSE);
}
