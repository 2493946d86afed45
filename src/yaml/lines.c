/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/lines.h"

#include <string.h>

/* What stands around the spans: lines, white space and comments. A line ends where YAML 1.2 says:
 * at LF, CR or both. The byte order mark is before the first line.
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
 * Returns: where the line of @offset begins
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
 * Returns: where the line of @offset ends, without its line end
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
 * Returns: where the line after the one of @offset begins, or the end of the text
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
 * Returns: where the line before the one of @offset ends, without its line end
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
 * Returns: how many bytes stand before @offset on its line: before what begins a collection or an
 *   item these are spaces and signs, so they are characters as well
 */
guint
runconf_lines_get_column (const RunconfText *text, gsize offset)
{
  return offset - runconf_lines_find_start (text, offset);
}

/**
 * runconf_lines_is_first:
 *
 * Returns: whether nothing but blanks stands before @offset on its line
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
 * Returns: whether nothing but blanks and a comment stands on the line from @offset on
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
 * Returns: whether the line of @offset is a comment and nothing else
 */
gboolean
runconf_lines_is_comment (const RunconfText *text, gsize offset)
{
  gsize content = runconf_lines_skip_blanks (text, runconf_lines_find_start (text, offset));

  return content < text->length && text->data[content] == '#';
}

/**
 * runconf_lines_find_end_of_deeper:
 * @offset: where something ends
 * @column: of the collection that it is in
 *
 * Returns: where the line of @offset ends; or the last of the comments below it that stand deeper
 *   than @column, for they are about what is above them
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
 * Returns: where something else than spaces and tabs stands from @offset on
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
 * Returns: where another byte than one of @bytes stands from @offset on, or the end of the text
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
 * Returns: where one of @bytes stands from @offset on, or the end of the text
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
 * Returns: where something else than white space, line ends and comments stands from @offset on; to
 *   be called between two nodes, for in a node a “#” can be content
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
 * Returns: whether a line ends between @start and @end
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
 * Returns: what ends the first line of the text, LF if there is but one
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
