/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/json.h"

#include <math.h>

#include "core/mapping.h"
#include "yaml/number.h"
#include "yaml/quote.h"

/* Writes trees as JSON. */

#define INDENT 2

/* the indentation that stands for output on one line */
#define ONE_LINE (-1)

static void append_node (GString *out, const RunconfNode *node, int indent);

static void
append_line (GString *out, int indent)
{
  if (indent == ONE_LINE)
    return;

  g_string_append_c (out, '\n');
  for (int i = 0; i < indent; i++)
    g_string_append_c (out, ' ');
}

/* Escapes more characters than JSON requires: also those that YAML parsers refuse, so that they
 * accept the text too. The exception are characters beyond U+FFFF, which every parser accepts.
 */
static void
append_string (GString *out, const char *text, gsize length)
{
  const char *end = text + length;

  g_string_append_c (out, '"');
  for (const char *p = text; p < end; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '"' || c == '\\')
        g_string_append_printf (out, "\\%c", (char) c);
      else if (c == '\n')
        g_string_append (out, "\\n");
      else if (c == '\t')
        g_string_append (out, "\\t");
      else if (c <= 0xffff && runconf_quote_needs_escape (c))
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_len (out, p, g_utf8_next_char (p) - p);
    }
  g_string_append_c (out, '"');
}

/* JSON has no form for infinities and NaN: they are written as strings in YAML's form. */
static void
append_double (GString *out, double number)
{
  const char *quote = isfinite (number) ? "" : "\"";

  g_string_append (out, quote);
  runconf_number_append (out, number);
  g_string_append (out, quote);
}

static void
append_binary (GString *out, const RunconfNode *node)
{
  gsize size;
  const guchar *data = runconf_node_get_binary (node, &size);
  g_autofree char *encoded = g_base64_encode (data, size);

  g_string_append_printf (out, "\"%s\"", encoded);
}

static void
append_collection (GString *out, const RunconfNode *node, int indent)
{
  int deeper = indent == ONE_LINE ? ONE_LINE : indent + INDENT;
  gboolean is_mapping = runconf_node_is_mapping (node);
  guint length = runconf_node_get_length (node);

  g_string_append_c (out, is_mapping ? '{' : '[');
  for (guint i = 0; i < length; i++)
    {
      if (i > 0)
        g_string_append (out, indent == ONE_LINE ? ", " : ",");
      append_line (out, deeper);
      if (is_mapping)
        {
          gsize key_length;
          const char *key = runconf_mapping_get_key (node, i, &key_length);

          append_string (out, key, key_length);
          g_string_append (out, ": ");
        }
      append_node (out, runconf_node_get_child (node, i), deeper);
    }
  if (length > 0)
    append_line (out, indent);
  g_string_append_c (out, is_mapping ? '}' : ']');
}

/* JSON has no tags: each is a mapping, as on the bus. */
static void
append_tag (GString *out, const RunconfNode *node, int indent)
{
  int deeper = indent == ONE_LINE ? ONE_LINE : indent + INDENT;
  gboolean is_unset = runconf_node_is_unset (node);

  g_string_append_c (out, '{');
  append_line (out, deeper);
  g_string_append_printf (out,
                          "\"%s\": ", is_unset ? RUNCONF_TAG_KEY_UNSET : RUNCONF_TAG_KEY_REPLACE);
  if (is_unset)
    g_string_append (out, "null");
  else
    append_collection (out, node, deeper);
  append_line (out, indent);
  g_string_append_c (out, '}');
}

static void
append_node (GString *out, const RunconfNode *node, int indent)
{
  const char *text;
  gsize length;

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
      append_double (out, runconf_node_get_double (node));
      break;
    case RUNCONF_KIND_STRING:
      text = runconf_node_get_string (node, &length);
      append_string (out, text, length);
      break;
    case RUNCONF_KIND_BINARY:
      append_binary (out, node);
      break;
    case RUNCONF_KIND_SEQUENCE:
      append_collection (out, node, indent);
      break;
    case RUNCONF_KIND_MAPPING:
      if (runconf_node_is_replacing (node))
        append_tag (out, node, indent);
      else
        append_collection (out, node, indent);
      break;
    case RUNCONF_KIND_UNSET:
      append_tag (out, node, indent);
      break;
    }
}

/**
 * runconf_emit_json:
 *
 * Writes a value as JSON (RFC 8259), indented by two spaces, without a line break after it.
 *
 * JSON has no form for some values. They become strings: `".nan"`, `".inf"` and `"-.inf"`, binary
 * data in base64, and integers beyond 64 bits in the form in which they are written. An unset is
 * `{"!unset": null}`, and a replacing mapping is `{"!replace": {…}}`.
 */
void
runconf_emit_json (GString *out, const RunconfNode *root)
{
  append_node (out, root, 0);
}

/**
 * runconf_emit_json_line:
 *
 * The same as runconf_emit_json() on one line, for a stream of values.
 */
void
runconf_emit_json_line (GString *out, const RunconfNode *root)
{
  append_node (out, root, ONE_LINE);
}
