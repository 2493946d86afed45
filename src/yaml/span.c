/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/span.h"

#include <string.h>

/* Finds the parts of a span, and walks along the spans of a text. */

/**
 * runconf_span_find_name_end:
 * @start: the start of an anchor or an alias, with its indicator
 *
 * Returns: the end of its name: libyaml accepts letters, digits, `_` and `-`
 */
gsize
runconf_span_find_name_end (const RunconfText *text, gsize start)
{
  gsize end = start + 1;

  while (end < text->length
         && (g_ascii_isalnum (text->data[end]) || text->data[end] == '_' || text->data[end] == '-'))
    end++;

  return end;
}

/**
 * runconf_span_find_content:
 * @start: the start of a node
 * @end: an upper limit for its end
 *
 * Finds the content that follows the anchor and the tag of a node. White space separates them, and
 * neither can contain any.
 *
 * Returns: the start of the content, @end if there is none
 */
gsize
runconf_span_find_content (const RunconfText *text, gsize start, gsize end)
{
  const char *p = text->data + start;
  const char *limit = text->data + end;

  while (p < limit && (*p == '&' || *p == '!'))
    {
      if (*p == '&')
        p = text->data + MIN (runconf_span_find_name_end (text, p - text->data), end);
      else
        while (p < limit && !g_ascii_isspace (*p))
          p++;

      while (p < limit && (g_ascii_isspace (*p) || *p == '#'))
        {
          if (*p != '#')
            p++;
          else
            while (p < limit && *p != '\r' && *p != '\n')
              p++;
        }
    }

  return p - text->data;
}

/**
 * runconf_span_find_block_scalar_end:
 * @content: the start of the block scalar
 * @end: its end in libyaml's view, which is the start of the next token
 *
 * Finds the end of the last line of a block scalar. With `+` the blank lines belong to it.
 * Otherwise a last line of spaces only is left out, even if it is content.
 *
 * Returns: the end
 */
gsize
runconf_span_find_block_scalar_end (const RunconfText *text, gsize content, gsize end)
{
  const char *data = text->data;
  gsize header_end = content;
  gsize last = end;

  while (header_end < end && strchr ("|>+-123456789", data[header_end]) != NULL)
    header_end++;

  if (memchr (data + content, '+', header_end - content) != NULL)
    {
      if (last > header_end && data[last - 1] == '\n')
        last--;
      if (last > header_end && data[last - 1] == '\r')
        last--;
      return last;
    }

  while (last > header_end && g_ascii_isspace (data[last - 1]))
    last--;
  while (last < end && data[last] != '\r' && data[last] != '\n')
    last++;

  return last;
}

/* Returns: the key after @key in the same mapping */
static guint
get_next_key (const RunconfSpan *spans, guint key)
{
  guint value = spans[key].next;

  return spans[value].next;
}

/**
 * runconf_spans_count_pairs:
 * @mapping: the index of a mapping's span
 *
 * Returns: the number of keys written in it, without merge keys
 */
guint
runconf_spans_count_pairs (const RunconfSpan *spans, guint mapping)
{
  guint n_pairs = 0;

  for (guint key = mapping + 1; key < spans[mapping].next; key = get_next_key (spans, key))
    n_pairs += !spans[key].is_merge;

  return n_pairs;
}

/**
 * runconf_spans_find_pair:
 * @position: less than the result of runconf_spans_count_pairs()
 *
 * Returns: the index of the key's span; that of its value is the key's `next`
 */
guint
runconf_spans_find_pair (const RunconfSpan *spans, guint mapping, guint position)
{
  guint key = mapping + 1;

  while (spans[key].is_merge || position > 0)
    {
      position -= !spans[key].is_merge;
      key = get_next_key (spans, key);
    }

  return key;
}

/**
 * runconf_spans_find_item:
 * @position: less than the length of the sequence
 *
 * Returns: the index of the item's span
 */
guint
runconf_spans_find_item (const RunconfSpan *spans, guint sequence, guint position)
{
  guint item = sequence + 1;

  for (; position > 0; position--)
    item = spans[item].next;

  return item;
}

/**
 * runconf_spans_find_merge:
 * @mapping: the index of the span of a mapping that has a merge key
 *
 * Returns: the index of the merge key's span
 */
guint
runconf_spans_find_merge (const RunconfSpan *spans, guint mapping)
{
  guint key = mapping + 1;

  while (!spans[key].is_merge)
    key = get_next_key (spans, key);

  return key;
}
