/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/schemas/text.h"

#include <string.h>

#include "yaml/compose.h"

/**
 * runconf_gsettings_text_is_written_here:
 *
 * Returns: whether the first line of a file tells that this program wrote it
 */
gboolean
runconf_gsettings_text_is_written_here (GBytes *text)
{
  static const char mark[] = RUNCONF_GSETTINGS_MARK "\n";
  gsize size;
  const char *data = g_bytes_get_data (text, &size);

  return size >= strlen (mark) && memcmp (data, mark, strlen (mark)) == 0;
}

/**
 * runconf_gsettings_text_compose:
 * @head: further lines of comments for the beginning; each ends with a line break
 * @root: a mapping
 * @name: the name of the text in messages
 *
 * Returns: (transfer full) (nullable): the text with its tree, or %NULL with an error of
 *   runconf_compose()
 */
RunconfDocument *
runconf_gsettings_text_compose (const char *head, const RunconfNode *root, const char *name,
                                GError **error)
{
  char *comments = g_strconcat (RUNCONF_GSETTINGS_MARK "\n", head, NULL);
  g_autoptr (GBytes) text = g_bytes_new_take (comments, strlen (comments));
  g_autoptr (RunconfDocument) base = runconf_document_new (text, name, error);

  return base != NULL ? runconf_compose (base, root, name, error) : NULL;
}
