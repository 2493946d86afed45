/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/emitter.h"

#include <string.h>

#include "core/mapping.h"
#include "yaml/number.h"
#include "yaml/style.h"

/* Every function here leaves the last line without its end, so that what it writes can stand in
 * the middle of a text.
 */

/* libyaml reads no longer key on a line of its own, counted in characters. */
#define MAX_SIMPLE_KEY 1024

static void
append_line (GString *out, guint indent, const char *line_end)
{
  g_string_append (out, line_end);
  for (guint i = 0; i < indent; i++)
    g_string_append_c (out, ' ');
}

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
append_escape (GString *out, gunichar c)
{
  if (c == '"' || c == '\\')
    g_string_append_printf (out, "\\%c", (char) c);
  else if (c == '\n')
    g_string_append (out, "\\n");
  else if (c == '\r')
    g_string_append (out, "\\r");
  else if (c == '\t')
    g_string_append (out, "\\t");
  else if (c <= 0xffff)
    g_string_append_printf (out, "\\u%04x", c);
  else
    g_string_append_printf (out, "\\U%08x", c);
}

static void
append_double_quoted (GString *out, const char *text, gsize length)
{
  const char *end = text + length;

  g_string_append_c (out, '"');
  for (const char *p = text; p < end; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '"' || c == '\\' || runconf_style_needs_escape (c))
        append_escape (out, c);
      else
        g_string_append_len (out, p, g_utf8_next_char (p) - p);
    }
  g_string_append_c (out, '"');
}

/* The header says what the lines can't: how far they are indented where the first one begins with
 * white space, and what becomes of the line ends behind the last one.
 */
static void
append_literal (GString *out, const char *text, gsize length, guint indent, const char *line_end)
{
  const char *end = text + length;

  g_string_append_c (out, '|');
  if (*text == ' ' || *text == '\n')
    g_string_append_printf (out, "%d", RUNCONF_INDENT);
  if (end[-1] != '\n')
    g_string_append_c (out, '-');
  else if (end[-2] == '\n')
    g_string_append_c (out, '+');

  for (const char *line = text; line < end; line++)
    {
      const char *next = memchr (line, '\n', end - line);

      if (next == NULL)
        next = end;
      append_line (out, next > line ? indent : 0, line_end);
      g_string_append_len (out, line, next - line);
      line = next;
    }
}

/* A string on one line. */
static void
append_flat (GString *out, const char *text, gsize length)
{
  switch (runconf_style_choose (text, length, FALSE))
    {
    case RUNCONF_STYLE_PLAIN:
      g_string_append_len (out, text, length);
      break;
    case RUNCONF_STYLE_SINGLE_QUOTED:
      append_single_quoted (out, text, length);
      break;
    default:
      append_double_quoted (out, text, length);
      break;
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

/* What takes one line whatever is around it: all but strings, and collections with content. */
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
      g_string_append_printf (out, "%" G_GINT64_FORMAT, runconf_node_get_integer (node));
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
    }
}

static gboolean
is_ordinary_string (const RunconfNode *node)
{
  return runconf_node_get_kind (node) == RUNCONF_KIND_STRING && !runconf_node_is_plain (node);
}

/* A string whose lines, if it takes several, are indented by @indent. */
static void
append_string (GString *out, const RunconfNode *node, guint indent, const char *line_end)
{
  gsize length;
  const char *text = runconf_node_get_string (node, &length);

  if (runconf_style_choose (text, length, TRUE) == RUNCONF_STYLE_LITERAL)
    append_literal (out, text, length, indent, line_end);
  else
    append_flat (out, text, length);
}

static void
append_item (GString *out, const RunconfNode *node, guint indent, const char *line_end)
{
  g_string_append_c (out, '-');
  if (runconf_node_get_length (node) == 0)
    {
      runconf_emit_value (out, node, indent, line_end);
      return;
    }

  /* a collection begins on the line of its dash */
  g_string_append_c (out, ' ');
  runconf_emit_block (out, node, indent + RUNCONF_INDENT, line_end);
}

static void
append_pair (GString *out, const RunconfNode *mapping, guint position, guint indent,
             const char *line_end)
{
  gsize length;
  const char *key = runconf_mapping_get_key (mapping, position, &length);

  runconf_emit_key (out, key, length, indent, line_end);
  runconf_emit_value (out, runconf_node_get_child (mapping, position), indent, line_end);
}

/**
 * runconf_emit_key:
 * @indent: the column of the mapping
 * @line_end: what ends a line
 *
 * Writes a key with its colon. The column is reached already.
 */
void
runconf_emit_key (GString *out, const char *key, gsize length, guint indent, const char *line_end)
{
  gsize start = out->len;

  append_flat (out, key, length);
  if (g_utf8_strlen (out->str + start, out->len - start) > MAX_SIMPLE_KEY)
    {
      g_string_insert (out, start, "? ");
      append_line (out, indent, line_end);
    }
  g_string_append_c (out, ':');
}

/**
 * runconf_emit_value:
 * @indent: the column of the collection that the value is in
 * @line_end: what ends a line
 *
 * Writes a value behind the colon of its key, or behind the dash of its item.
 */
void
runconf_emit_value (GString *out, const RunconfNode *node, guint indent, const char *line_end)
{
  if (runconf_node_get_length (node) > 0)
    {
      append_line (out, indent + RUNCONF_INDENT, line_end);
      runconf_emit_block (out, node, indent + RUNCONF_INDENT, line_end);
      return;
    }

  g_string_append_c (out, ' ');
  if (is_ordinary_string (node))
    append_string (out, node, indent + RUNCONF_INDENT, line_end);
  else
    append_simple (out, node);
}

/**
 * runconf_emit_block:
 * @node: a sequence or mapping that isn't empty
 * @indent: the column of the collection
 * @line_end: what ends a line
 *
 * Writes the items or pairs of a collection. The column of the first one is reached already.
 */
void
runconf_emit_block (GString *out, const RunconfNode *node, guint indent, const char *line_end)
{
  gboolean is_mapping = runconf_node_is_mapping (node);

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      if (i > 0)
        append_line (out, indent, line_end);
      if (is_mapping)
        append_pair (out, node, i, indent, line_end);
      else
        append_item (out, runconf_node_get_child (node, i), indent, line_end);
    }
}

/**
 * runconf_emit_yaml:
 *
 * Writes a whole text, in block style, with a line end behind the last line. YAML 1.1 and YAML 1.2
 * read the same tree from it. A root that is a string takes one line.
 */
void
runconf_emit_yaml (GString *out, const RunconfNode *root)
{
  gsize length;
  const char *text;

  if (runconf_node_get_length (root) > 0)
    {
      runconf_emit_block (out, root, 0, "\n");
    }
  else if (is_ordinary_string (root))
    {
      text = runconf_node_get_string (root, &length);
      append_flat (out, text, length);
    }
  else
    {
      append_simple (out, root);
    }

  g_string_append_c (out, '\n');
}
