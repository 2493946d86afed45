/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/compose.h"

#include <string.h>

#include "core/error.h"
#include "yaml/emitter.h"
#include "yaml/text.h"

/* Writes a tree as a whole new text, for changes that can't be made in place. */

static gboolean
is_break (char c)
{
  return c == '\n' || c == '\r';
}

/* The part before the first content: a byte order mark, comments and blank lines. */
static gsize
get_head_length (const RunconfText *text)
{
  gsize head = runconf_text_get_bom_length (text);

  while (head < text->length)
    {
      gsize p = head;

      while (p < text->length && (text->data[p] == ' ' || text->data[p] == '\t'))
        p++;
      if (p < text->length && text->data[p] != '#' && !is_break (text->data[p]))
        return head;

      while (p < text->length && !is_break (text->data[p]))
        p++;
      while (p < text->length && is_break (text->data[p]))
        p++;
      head = p;
    }

  return head;
}

static const char *
get_line_end (const RunconfText *text)
{
  for (gsize i = 0; i < text->length; i++)
    {
      if (text->data[i] == '\n')
        return i > 0 && text->data[i - 1] == '\r' ? "\r\n" : "\n";
    }

  return "\n";
}

static GBytes *
write_text (RunconfDocument *base, const RunconfNode *root)
{
  g_autoptr (GString) out = g_string_new (NULL);
  RunconfText text = { .data = "" };
  RunconfLayout layout = RUNCONF_LAYOUT_DEFAULT;
  gsize head;

  if (base != NULL)
    text.data = g_bytes_get_data (runconf_document_get_text (base), &text.length);
  layout.line_end = get_line_end (&text);
  head = get_head_length (&text);

  g_string_append_len (out, text.data, head);
  if (head > runconf_text_get_bom_length (&text) && !is_break (text.data[head - 1]))
    g_string_append (out, layout.line_end);

  if (runconf_node_get_length (root) > 0)
    runconf_emit_block (out, root, 0, &layout);
  else
    g_string_append (out, "{}");
  g_string_append (out, layout.line_end);

  return g_string_free_to_bytes (g_steal_pointer (&out));
}

/**
 * runconf_compose:
 * @base: (nullable): a document whose comments at the top are kept
 * @root: a mapping
 * @name: the name of the new text in messages
 *
 * Writes a tree as a new text, and parses the text to prove that it yields that tree.
 *
 * Returns: (transfer full) (nullable): the new document, or %NULL with %RUNCONF_ERROR_TOO_LARGE, or
 *   with %RUNCONF_ERROR_STORAGE_FAILED if the text yields another tree, which is a bug
 */
RunconfDocument *
runconf_compose (RunconfDocument *base, const RunconfNode *root, const char *name, GError **error)
{
  g_autoptr (GBytes) text = write_text (base, root);
  g_autoptr (GError) read_error = NULL;
  g_autoptr (RunconfDocument) document = runconf_document_new (text, name, &read_error);

  if (g_error_matches (read_error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE))
    {
      g_propagate_error (error, g_steal_pointer (&read_error));
      return NULL;
    }

  if (read_error != NULL)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_STORAGE_FAILED,
                 "a bug in Runconf: the written text can't be read: %s", read_error->message);
  else if (!runconf_node_equal (runconf_document_get_root (document), root))
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_STORAGE_FAILED,
                 "a bug in Runconf: the text written for %s has another meaning", name);
  else
    return g_steal_pointer (&document);

  return NULL;
}
