/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/mistake.h"

#include <string.h>

#include <runconf/runconf.h>

/* The line of a mistake, as the message of an error tells it. A message about the form of a text has the
 * line; one about a value has its path.
 */

/* Returns: the line, from 0, in a message such as “text:3:5: …”; -1 if it has none */
static int
find_number (const char *message)
{
  g_autoptr (GRegex) regex = g_regex_new (":([0-9]+):[0-9]+: ", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *number = NULL;

  if (!g_regex_match (regex, message, 0, &match))
    return -1;

  number = g_match_info_fetch (match, 1);

  return (int) g_ascii_strtoll (number, NULL, 10) - 1;
}

/* Returns: where the key is after @begin; %NULL if it isn't there */
static const char *
find_key (const char *begin, const char *before, const char *key)
{
  g_autofree char *escaped = g_regex_escape_string (key, -1);
  g_autofree char *pattern = g_strconcat ("^", before, "([\"']?", escaped, "[\"']?)\\s*:", NULL);
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  int start;

  if (regex == NULL || !g_regex_match (regex, begin, 0, &match)
      || !g_match_info_fetch_pos (match, 1, &start, NULL))
    return NULL;

  return begin + start;
}

/* The keys are looked for one after the other. A key that isn't there, such as the number of an element,
 * is passed over.
 */
static int
find_path (const char *path, const char *text)
{
  g_auto (GStrv) keys = runconf_path_split (path, NULL);
  const char *place = text;
  int line = 0;

  for (char **key = keys; key != NULL && *key != NULL; key++)
    {
      const char *found = key == keys ? find_key (text, "", *key) : NULL;

      if (found == NULL)
        found = find_key (place, "(?:[^#\\n]*[\\s{,-])?", *key);
      if (found != NULL)
        place = found;
    }

  for (const char *c = text; c < place; c++)
    line += *c == '\n' ? 1 : 0;

  return line;
}

/**
 * editor_mistake_find_line:
 * @message: the message of the service about the text
 *
 * Returns: the line of the mistake, from 0; -1 if the message is about no line
 */
int
editor_mistake_find_line (const char *message, const char *text)
{
  g_autofree char *path = NULL;
  const char *end = strstr (message, ": ");
  int line = find_number (message);

  if (line >= 0 || *message != '/' || end == NULL)
    return line;

  path = g_strndup (message, (gsize) (end - message));

  return find_path (path, text);
}
