/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/path.h"

#include <string.h>

#include <runconf/runconf.h>

/* JSON Pointers, which are the paths of values. */

/* Characters of Unicode that have no form: the direction of what follows, and a part with its own one. */
#define LEFT_TO_RIGHT "\u200e"
#define ISOLATE_BEGIN "\u2068"
#define ISOLATE_END "\u2069"

/* Returns: (transfer full): the path of a key below a path */
char *
editor_path_append (const char *path, const char *key)
{
  const char *keys[] = { key, NULL };
  g_autofree char *end = runconf_path_join (keys);

  return g_strconcat (path, end, NULL);
}

/* Returns: whether the blocks of Unicode have the letter in a script from right to left */
static gboolean
is_right_to_left (gunichar letter)
{
  return (letter >= 0x0590 && letter <= 0x08ff) || (letter >= 0xfb1d && letter <= 0xfdff)
         || (letter >= 0xfe70 && letter <= 0xfeff) || (letter >= 0x10800 && letter <= 0x10fff)
         || (letter >= 0x1e800 && letter <= 0x1efff);
}

static gboolean
has_right_to_left (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (is_right_to_left (g_utf8_get_char (text)))
      return TRUE;

  return FALSE;
}

/* A path goes from left to right, whatever the script of its keys is.
 *
 * Returns: (transfer full): the text to show for it
 */
char *
editor_path_to_text (const char *path)
{
  g_auto (GStrv) keys = NULL;
  g_autofree char *inner = NULL;

  if (!has_right_to_left (path))
    return g_strdup (path);

  keys = g_strsplit (path, "/", -1);
  inner = g_strjoinv (ISOLATE_END "/" ISOLATE_BEGIN, keys);

  return g_strconcat (LEFT_TO_RIGHT ISOLATE_BEGIN, inner, ISOLATE_END, NULL);
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
