/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/emitter.h"

#include <string.h>

#include "core/mapping.h"
#include "yaml/number.h"
#include "yaml/quote.h"
#include "yaml/style.h"

/* Writes trees as YAML. Every function here leaves out the break of the last line, so that its
 * output can be inserted into the middle of a text.
 */

/* The column at which folded strings are broken. */
#define FOLD_COLUMN 80

/* The indentation of an item's content relative to its dash. */
#define ITEM_INDENT 2

/* The longest key in characters that libyaml reads without a `?`. */
#define MAX_SIMPLE_KEY 1024

static void
append_single_quoted (GString *out, const char *text, gsize length)
{
  g_string_append_c (out, '\'');
  for (gsize i = 0; i < length; i++)
    {
      if (text[i] == '\'')
        g_string_append_c (out, '\'');
      g_string_append_c (out, text[i]);
    }
  g_string_append_c (out, '\'');
}

static void
append_quoted_or_plain (GString *out, const char *text, gsize length, RunconfSpanStyle style)
{
  switch (style)
    {
    case RUNCONF_STYLE_PLAIN:
      g_string_append_len (out, text, length);
      break;
    case RUNCONF_STYLE_SINGLE_QUOTED:
      append_single_quoted (out, text, length);
      break;
    default:
      runconf_quote_append (out, text, length);
      break;
    }
}

/* Writes the lines of a literal string as they are. */
static void
append_lines (GString *out, const char *text, gsize length, guint indent,
              const RunconfLayout *layout)
{
  const char *end = text + length;

  for (const char *line = text; line < end; line++)
    {
      const char *next = memchr (line, '\n', end - line);

      if (next == NULL)
        next = end;
      runconf_emit_line_start (out, next > line ? indent : 0, layout);
      g_string_append_len (out, line, next - line);
      line = next;
    }
}

/* Writes one line of a folded string, broken into as many lines as necessary. */
static void
append_wrapped (GString *out, const char *line, const char *end, guint indent,
                const RunconfLayout *layout)
{
  while (line < end)
    {
      const char *word = line;
      const char *stop = line;

      while (word < end && (stop == line || indent + (word - line) <= FOLD_COLUMN))
        {
          word = memchr (word, ' ', end - word);
          word = word == NULL ? end : word;
          if (stop == line || indent + (word - line) <= FOLD_COLUMN)
            stop = word;
          word++;
        }
      runconf_emit_line_start (out, indent, layout);
      g_string_append_len (out, line, stop - line);
      line = stop + 1;
    }
}

/* A line break within the string is written as an empty line. */
static void
append_folded (GString *out, const char *text, gsize length, guint indent,
               const RunconfLayout *layout)
{
  const char *end = text + length;
  gboolean is_first = TRUE;

  for (const char *line = text; line < end; line++)
    {
      const char *next = memchr (line, '\n', end - line);

      if (next == NULL)
        next = end;
      if (!is_first)
        g_string_append (out, layout->line_end);
      append_wrapped (out, line, next, indent, layout);
      is_first = next == line && is_first;
      line = next;
    }
}

static void
append_binary (GString *out, const RunconfNode *node)
{
  gsize size;
  const guchar *data = runconf_node_get_binary (node, &size);
  g_autofree char *encoded = g_base64_encode (data, size);

  g_string_append_printf (out, "!!binary \"%s\"", encoded);
}

/* Writes a node that takes one line in every context: all but strings, and collections with
 * content.
 */
static void
append_simple (GString *out, const RunconfNode *node)
{
  switch (runconf_node_get_kind (node))
    {
    case RUNCONF_KIND_NULL:
      g_string_append (out, "null");
      break;
    case RUNCONF_KIND_BOOLEAN:
      g_string_append (out, runconf_node_get_boolean (node) ? "true" : "false");
      break;
    case RUNCONF_KIND_INTEGER:
      runconf_number_append_integer (out, runconf_node_get_integer (node));
      break;
    case RUNCONF_KIND_UNSIGNED:
      g_string_append_printf (out, "%" G_GUINT64_FORMAT, runconf_node_get_unsigned (node));
      break;
    case RUNCONF_KIND_DOUBLE:
      runconf_number_append (out, runconf_node_get_double (node));
      break;
    case RUNCONF_KIND_STRING:
      g_string_append (out, runconf_node_get_string (node, NULL));
      break;
    case RUNCONF_KIND_BINARY:
      append_binary (out, node);
      break;
    case RUNCONF_KIND_SEQUENCE:
      g_string_append (out, "[]");
      break;
    case RUNCONF_KIND_MAPPING:
      g_string_append (out, "{}");
      break;
    case RUNCONF_KIND_UNSET:
      g_string_append (out, RUNCONF_TAG_KEY_UNSET);
      break;
    }
}

static gboolean
is_ordinary_string (const RunconfNode *node)
{
  return runconf_node_get_kind (node) == RUNCONF_KIND_STRING && !runconf_node_is_plain (node);
}

static gboolean
is_block_style (RunconfSpanStyle style)
{
  return style == RUNCONF_STYLE_LITERAL || style == RUNCONF_STYLE_FOLDED;
}

/* Writes a key at the current column.
 * Returns: whether it is longer than MAX_SIMPLE_KEY, and so was written with `? `
 */
static gboolean
append_key (GString *out, const char *key, gsize length, RunconfSpanStyle style)
{
  gsize start = out->len;

  append_quoted_or_plain (out, key, length, style);
  if (g_utf8_strlen (out->str + start, out->len - start) <= MAX_SIMPLE_KEY)
    return FALSE;

  g_string_insert (out, start, "? ");
  return TRUE;
}

/**
 * runconf_emit_line_start:
 * @indent: the number of spaces
 *
 * Ends a line and indents the next one.
 */
void
runconf_emit_line_start (GString *out, guint indent, const RunconfLayout *layout)
{
  g_string_append (out, layout->line_end);
  for (guint i = 0; i < indent; i++)
    g_string_append_c (out, ' ');
}

/**
 * runconf_emit_choose:
 * @node: a scalar or a collection
 * @like: the style of the previous value, plain if there was none
 *
 * Returns: the style of @node where lines below are available: literal, folded, block for a
 *   collection with content, or else a style that takes one line
 */
RunconfSpanStyle
runconf_emit_choose (const RunconfNode *node, RunconfSpanStyle like, const RunconfLayout *layout)
{
  RunconfSpanStyle style;
  gsize length;
  const char *text;

  if (runconf_node_get_length (node) > 0)
    return RUNCONF_STYLE_BLOCK;
  if (!is_ordinary_string (node))
    return RUNCONF_STYLE_PLAIN;

  text = runconf_node_get_string (node, &length);

  style = runconf_style_choose_like (text, length, like, RUNCONF_PLACE_BLOCK);
  if (is_block_style (style)
      && (layout->no_block_scalars || (layout->no_kept_lines && g_str_has_suffix (text, "\n\n"))
          || (layout->no_line_end && g_str_has_suffix (text, "\n"))))
    return runconf_style_choose_like (text, length, like, RUNCONF_PLACE_LINE);

  return style;
}

/**
 * runconf_emit_block_scalar_header:
 * @node: a string
 * @style: literal or folded
 * @deeper: the indentation of its lines relative to the collection around it
 *
 * Writes the header, which describes the parts of a block scalar that its lines can't show: their
 * indentation, if the first line begins with white space, and the treatment of the line breaks
 * after the last line.
 */
void
runconf_emit_block_scalar_header (GString *out, const RunconfNode *node, RunconfSpanStyle style,
                                  guint deeper)
{
  gsize length;
  const char *text = runconf_node_get_string (node, &length);

  g_string_append_c (out, style == RUNCONF_STYLE_LITERAL ? '|' : '>');
  if (*text == ' ' || *text == '\n')
    g_string_append_printf (out, "%u", deeper);
  if (text[length - 1] != '\n')
    g_string_append_c (out, '-');
  else if (length > 1 && text[length - 2] == '\n')
    g_string_append_c (out, '+');
}

/**
 * runconf_emit_block_scalar_lines:
 * @node: a string
 * @style: literal or folded
 * @indent: the column of the lines
 *
 * Writes the lines of a block scalar, each with the line break before it.
 */
void
runconf_emit_block_scalar_lines (GString *out, const RunconfNode *node, RunconfSpanStyle style,
                                 guint indent, const RunconfLayout *layout)
{
  gsize length;
  const char *text = runconf_node_get_string (node, &length);

  if (style == RUNCONF_STYLE_LITERAL)
    append_lines (out, text, length, indent, layout);
  else
    append_folded (out, text, length, indent, layout);
}

/**
 * runconf_emit_pair:
 * @position: the index of the pair in @mapping
 * @indent: the column of the mapping, which is the current column
 *
 * Writes a key and its value.
 */
void
runconf_emit_pair (GString *out, const RunconfNode *mapping, guint position, guint indent,
                   const RunconfLayout *layout)
{
  gsize length;
  const char *key = runconf_mapping_get_key (mapping, position, &length);

  if (append_key (out, key, length, runconf_style_choose (key, length, RUNCONF_PLACE_LINE)))
    runconf_emit_line_start (out, indent, layout);
  g_string_append_c (out, ':');
  runconf_emit_value (out, runconf_node_get_child (mapping, position), indent, layout);
}

/**
 * runconf_emit_item:
 * @indent: the column of the sequence, which is the current column
 *
 * Writes an item with its dash. A collection begins on the line of the dash.
 */
void
runconf_emit_item (GString *out, const RunconfNode *node, guint indent, const RunconfLayout *layout)
{
  g_string_append_c (out, '-');
  if (runconf_node_get_length (node) == 0)
    {
      runconf_emit_value (out, node, indent, layout);
      return;
    }

  g_string_append_c (out, ' ');
  runconf_emit_block (out, node, indent + ITEM_INDENT, layout);
}

/**
 * runconf_emit_value:
 * @indent: the column of the collection around the value
 *
 * Writes a value after the colon of its key or the dash of its item.
 */
void
runconf_emit_value (GString *out, const RunconfNode *node, guint indent,
                    const RunconfLayout *layout)
{
  RunconfSpanStyle style = runconf_emit_choose (node, RUNCONF_STYLE_PLAIN, layout);

  if (style == RUNCONF_STYLE_BLOCK)
    {
      if (runconf_node_is_replacing (node))
        g_string_append (out, " " RUNCONF_TAG_KEY_REPLACE);
      indent += runconf_node_is_mapping (node) ? layout->mapping_indent : layout->sequence_indent;
      runconf_emit_line_start (out, indent, layout);
      runconf_emit_block (out, node, indent, layout);
      return;
    }

  g_string_append_c (out, ' ');
  if (!is_block_style (style))
    {
      runconf_emit_inline (out, node, RUNCONF_STYLE_PLAIN, RUNCONF_PLACE_LINE);
      return;
    }

  runconf_emit_block_scalar_header (out, node, style, layout->mapping_indent);
  runconf_emit_block_scalar_lines (out, node, style, indent + layout->mapping_indent, layout);
}

/**
 * runconf_emit_block:
 * @node: a sequence or mapping that isn't empty
 * @indent: the column of the collection
 *
 * Writes the items or pairs of a collection. The first one is written at the current column, which
 * has to be @indent.
 */
void
runconf_emit_block (GString *out, const RunconfNode *node, guint indent,
                    const RunconfLayout *layout)
{
  gboolean is_mapping = runconf_node_is_mapping (node);

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      if (i > 0)
        runconf_emit_line_start (out, indent, layout);
      if (is_mapping)
        runconf_emit_pair (out, node, i, indent, layout);
      else
        runconf_emit_item (out, runconf_node_get_child (node, i), indent, layout);
    }
}

/**
 * runconf_emit_inline_pair:
 * @position: the index of the pair in @mapping
 * @like: the style for strings, wherever it is possible
 *
 * Writes a key and its value in the form that they have in braces.
 */
void
runconf_emit_inline_pair (GString *out, const RunconfNode *mapping, guint position,
                          RunconfSpanStyle like)
{
  gsize length;
  const char *key = runconf_mapping_get_key (mapping, position, &length);

  if (append_key (out, key, length,
                  runconf_style_choose_like (key, length, like, RUNCONF_PLACE_FLOW)))
    g_string_append_c (out, ' ');
  g_string_append (out, ": ");
  runconf_emit_inline (out, runconf_node_get_child (mapping, position), like, RUNCONF_PLACE_FLOW);
}

/**
 * runconf_emit_inline:
 * @like: the style for strings, wherever it is possible
 * @place: %RUNCONF_PLACE_FLOW or %RUNCONF_PLACE_LINE
 *
 * Writes a value on one line. A collection with content is written in brackets.
 */
void
runconf_emit_inline (GString *out, const RunconfNode *node, RunconfSpanStyle like,
                     RunconfPlace place)
{
  gboolean is_mapping = runconf_node_is_mapping (node);
  gsize length;
  const char *text;

  if (is_ordinary_string (node))
    {
      text = runconf_node_get_string (node, &length);
      append_quoted_or_plain (out, text, length,
                              runconf_style_choose_like (text, length, like, place));
      return;
    }
  if (runconf_node_is_replacing (node))
    g_string_append (out, RUNCONF_TAG_KEY_REPLACE " ");
  if (runconf_node_get_length (node) == 0)
    {
      append_simple (out, node);
      /* some parsers take a comma for a part of the tag before it */
      g_string_append (out,
                       runconf_node_is_unset (node) && place == RUNCONF_PLACE_FLOW ? " null" : "");
      return;
    }

  g_string_append_c (out, is_mapping ? '{' : '[');
  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      if (i > 0)
        g_string_append (out, ", ");
      if (is_mapping)
        runconf_emit_inline_pair (out, node, i, like);
      else
        runconf_emit_inline (out, runconf_node_get_child (node, i), like, RUNCONF_PLACE_FLOW);
    }
  g_string_append_c (out, is_mapping ? '}' : ']');
}

/**
 * runconf_emit_yaml:
 *
 * Writes a whole text, in block style, with a line break after the last line. YAML 1.1 and YAML 1.2
 * parsers read the same tree from it. A root that is a string takes one line. The tag of a root is
 * shown, for readers who asked for a part of a layer.
 */
void
runconf_emit_yaml (GString *out, const RunconfNode *root)
{
  const RunconfLayout layout = RUNCONF_LAYOUT_DEFAULT;

  if (runconf_node_is_replacing (root) && runconf_node_get_length (root) > 0)
    g_string_append (out, RUNCONF_TAG_KEY_REPLACE "\n");
  if (runconf_node_get_length (root) > 0)
    runconf_emit_block (out, root, 0, &layout);
  else
    runconf_emit_inline (out, root, RUNCONF_STYLE_PLAIN, RUNCONF_PLACE_LINE);

  g_string_append_c (out, '\n');
}
