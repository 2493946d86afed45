/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/lines.h"

#include <string.h>

/* Finds lines, white space and comments around the spans of a text. As in YAML 1.2, a line ends at
 * LF, CR or CR LF. A byte order mark is not part of the first line.
 */

static gboolean
is_break (char c)
{
  return c == '\n' || c == '\r';
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/**
 * runconf_lines_find_start:
 *
 * Returns: the start of the line of @offset
 */
gsize
runconf_lines_find_start (const RunconfText *text, gsize offset)
{
  gsize first = runconf_text_get_bom_length (text);

  while (offset > first && !is_break (text->data[offset - 1]))
    offset--;

  return offset;
}

/**
 * runconf_lines_find_end:
 *
 * Returns: the end of the line of @offset, without its line break
 */
gsize
runconf_lines_find_end (const RunconfText *text, gsize offset)
{
  while (offset < text->length && !is_break (text->data[offset]))
    offset++;

  return offset;
}

/**
 * runconf_lines_find_next:
 *
 * Returns: the start of the line after the line of @offset, or the end of the text
 */
gsize
runconf_lines_find_next (const RunconfText *text, gsize offset)
{
  offset = runconf_lines_find_end (text, offset);
  if (offset < text->length && text->data[offset] == '\r')
    offset++;
  if (offset < text->length && text->data[offset] == '\n')
    offset++;

  return offset;
}

/**
 * runconf_lines_find_previous_end:
 * @offset: not on the first line
 *
 * Returns: the end of the line before the line of @offset, without its line break
 */
gsize
runconf_lines_find_previous_end (const RunconfText *text, gsize offset)
{
  offset = runconf_lines_find_start (text, offset);
  if (offset > 0 && text->data[offset - 1] == '\n')
    offset--;
  if (offset > 0 && text->data[offset - 1] == '\r')
    offset--;

  return offset;
}

/**
 * runconf_lines_get_column:
 *
 * Returns: the number of bytes before @offset on its line; before a collection or an item all of
 *   them are spaces and indicators, so it is the number of characters as well
 */
guint
runconf_lines_get_column (const RunconfText *text, gsize offset)
{
  return offset - runconf_lines_find_start (text, offset);
}

/**
 * runconf_lines_is_first:
 *
 * Returns: whether only blanks are before @offset on its line
 */
gboolean
runconf_lines_is_first (const RunconfText *text, gsize offset)
{
  gsize first = runconf_text_get_bom_length (text);

  while (offset > first && is_blank (text->data[offset - 1]))
    offset--;

  return offset <= first || is_break (text->data[offset - 1]);
}

/**
 * runconf_lines_is_last:
 *
 * Returns: whether only blanks and a comment are on the line from @offset on
 */
gboolean
runconf_lines_is_last (const RunconfText *text, gsize offset)
{
  offset = runconf_lines_skip_blanks (text, offset);

  return offset == text->length || text->data[offset] == '#' || is_break (text->data[offset]);
}

/**
 * runconf_lines_is_comment:
 *
 * Returns: whether the line of @offset contains a comment only
 */
gboolean
runconf_lines_is_comment (const RunconfText *text, gsize offset)
{
  gsize content = runconf_lines_skip_blanks (text, runconf_lines_find_start (text, offset));

  return content < text->length && text->data[content] == '#';
}

/**
 * runconf_lines_find_end_of_deeper:
 * @offset: the end of a node
 * @column: the column of the collection around the node
 *
 * Returns: the end of the line of @offset, or of the last comment below it that is indented deeper
 *   than @column: such comments describe the node above them
 */
gsize
runconf_lines_find_end_of_deeper (const RunconfText *text, gsize offset, guint column)
{
  gsize end = runconf_lines_find_end (text, offset);
  gsize line = runconf_lines_find_next (text, end);

  while (line < text->length)
    {
      gsize content = runconf_lines_skip_blanks (text, line);
      gsize line_end = runconf_lines_find_end (text, content);

      if (content < line_end)
        {
          if (text->data[content] != '#' || content - line <= column)
            break;
          end = line_end;
        }
      line = runconf_lines_find_next (text, line_end);
    }

  return end;
}

/**
 * runconf_lines_skip_blanks:
 *
 * Returns: the first offset from @offset on with a byte other than a space or a tab
 */
gsize
runconf_lines_skip_blanks (const RunconfText *text, gsize offset)
{
  while (offset < text->length && is_blank (text->data[offset]))
    offset++;

  return offset;
}

/**
 * runconf_lines_skip_any:
 * @bytes: ended by a NUL
 *
 * Returns: the first offset from @offset on with a byte that is not in @bytes, or the end of the
 *   text
 */
gsize
runconf_lines_skip_any (const RunconfText *text, gsize offset, const char *bytes)
{
  while (offset < text->length && strchr (bytes, text->data[offset]) != NULL)
    offset++;

  return offset;
}

/**
 * runconf_lines_find_any:
 * @bytes: ended by a NUL
 *
 * Returns: the first offset from @offset on with a byte that is in @bytes, or the end of the text
 */
gsize
runconf_lines_find_any (const RunconfText *text, gsize offset, const char *bytes)
{
  while (offset < text->length && strchr (bytes, text->data[offset]) == NULL)
    offset++;

  return offset;
}

/**
 * runconf_lines_skip_gap:
 *
 * Returns: the first offset from @offset on that isn't in white space, a line break or a comment.
 *   Only call it between two nodes, since a “#” in a node may be content
 */
gsize
runconf_lines_skip_gap (const RunconfText *text, gsize offset)
{
  while (offset < text->length)
    {
      if (text->data[offset] == '#')
        offset = runconf_lines_find_end (text, offset);
      else if (is_blank (text->data[offset]) || is_break (text->data[offset]))
        offset++;
      else
        break;
    }

  return offset;
}

/**
 * runconf_lines_have_break:
 *
 * Returns: whether there is a line break between @start and @end
 */
gboolean
runconf_lines_have_break (const RunconfText *text, gsize start, gsize end)
{
  while (start < end && !is_break (text->data[start]))
    start++;

  return start < end;
}

/**
 * runconf_lines_get_break:
 *
 * Returns: the line break of the first line, LF if the text has only one line
 */
const char *
runconf_lines_get_break (const RunconfText *text)
{
  gsize end = runconf_lines_find_end (text, 0);
  gsize next = runconf_lines_find_next (text, 0);

  if (next - end == 2)
    return "\r\n";

  return next > end && text->data[end] == '\r' ? "\r" : "\n";
}
