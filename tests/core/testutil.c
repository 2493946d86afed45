/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/core/testutil.h"

#include <math.h>
#include <string.h>

#include "core/edit.h"
#include "core/mapping.h"

/* Trees are written here like JSON, with two differences: strings are in single quotes, so that
 * they need no escapes in C strings, and b'00ff' is binary. p'123' is a number beyond 64 bits. An unset
 * is written as unset, and a replacing mapping as !{}.
 */

static RunconfNode *parse_node (const char **cursor);

static gboolean
skip (const char **cursor, char c)
{
  while (**cursor == ' ')
    (*cursor)++;
  if (**cursor != c)
    return FALSE;

  (*cursor)++;

  return TRUE;
}

/* '' is a quote inside of a string */
static char *
parse_string (const char **cursor)
{
  g_autoptr (GString) out = g_string_new (NULL);

  g_assert_true (skip (cursor, '\''));
  while (**cursor != '\'' || (*cursor)[1] == '\'')
    {
      g_assert_cmpint (**cursor, !=, '\0');
      *cursor += **cursor == '\'';
      g_string_append_c (out, *(*cursor)++);
    }
  (*cursor)++;

  return g_string_free (g_steal_pointer (&out), FALSE);
}

static RunconfNode *
parse_binary (const char **cursor)
{
  g_autofree char *digits = parse_string (cursor);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (const char *p = digits; *p != '\0'; p += 2)
    {
      guint8 byte = g_ascii_xdigit_value (p[0]) << 4 | g_ascii_xdigit_value (p[1]);

      g_byte_array_append (bytes, &byte, 1);
    }

  return runconf_node_new_binary (bytes->data, bytes->len);
}

static RunconfNode *
parse_mapping (const char **cursor)
{
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();

  while (!skip (cursor, '}'))
    {
      g_autofree char *key = parse_string (cursor);
      g_autoptr (RunconfNode) value = NULL;

      g_assert_true (skip (cursor, ':'));
      value = parse_node (cursor);
      g_assert_true (runconf_mapping_builder_add (builder, key, strlen (key), value));
      skip (cursor, ',');
    }

  return runconf_mapping_builder_end (builder);
}

static RunconfNode *
parse_replacing (const char **cursor)
{
  g_autoptr (RunconfNode) mapping = parse_node (cursor);

  return runconf_mapping_as (mapping, TRUE);
}

static RunconfNode *
parse_sequence (const char **cursor)
{
  g_autoptr (GPtrArray) items
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_node_unref);

  while (!skip (cursor, ']'))
    {
      g_ptr_array_add (items, parse_node (cursor));
      skip (cursor, ',');
    }

  return runconf_node_new_sequence ((RunconfNode *const *) items->pdata, items->len);
}

static RunconfNode *
parse_word (const char **cursor)
{
  gsize length = strcspn (*cursor, ",]} ");
  g_autofree char *word = g_strndup (*cursor, length);

  *cursor += length;
  if (g_strcmp0 (word, "null") == 0)
    return runconf_node_new_null ();
  if (g_strcmp0 (word, "unset") == 0)
    return runconf_node_new_unset ();
  if (g_strcmp0 (word, "true") == 0 || g_strcmp0 (word, "false") == 0)
    return runconf_node_new_boolean (*word == 't');
  if (strpbrk (word, ".enf") != NULL)
    return runconf_node_new_double (g_ascii_strtod (word, NULL));
  if (*word == '-')
    return runconf_node_new_integer (g_ascii_strtoll (word, NULL, 10));

  return runconf_node_new_unsigned (g_ascii_strtoull (word, NULL, 10));
}

static RunconfNode *
parse_node (const char **cursor)
{
  g_autofree char *string = NULL;

  if (skip (cursor, '{'))
    return parse_mapping (cursor);
  if (skip (cursor, '!'))
    return parse_replacing (cursor);
  if (skip (cursor, '['))
    return parse_sequence (cursor);
  if (**cursor != '\'' && (*cursor)[1] != '\'')
    return parse_word (cursor);
  if (skip (cursor, 'b'))
    return parse_binary (cursor);

  if (skip (cursor, 'p'))
    {
      string = parse_string (cursor);
      return runconf_node_new_plain (string, -1);
    }

  string = parse_string (cursor);

  return runconf_node_new_string (string, -1);
}

RunconfNode *
tree_new (const char *text)
{
  const char *cursor = text;
  RunconfNode *node = parse_node (&cursor);

  g_assert_cmpstr (cursor, ==, "");

  return node;
}

/* Returns: an equal tree that shares nothing with @node */
RunconfNode *
tree_copy (const RunconfNode *node)
{
  g_autofree char *text = tree_print (node);

  return tree_new (text);
}

static void
print_string (GString *out, const char *string)
{
  g_auto (GStrv) parts = g_strsplit (string, "'", -1);
  g_autofree char *doubled = g_strjoinv ("''", parts);

  g_string_append_printf (out, "'%s'", doubled);
}

static void
print_double (GString *out, double value)
{
  if (isnan (value))
    g_string_append (out, "nan");
  else if (isinf (value))
    g_string_append (out, value > 0 ? "inf" : "-inf");
  else
    g_string_append_printf (out, "%.17e", value + 0.0);
}

static void
print_binary (GString *out, const RunconfNode *node)
{
  gsize size;
  const guint8 *data = runconf_node_get_binary (node, &size);

  g_string_append (out, "b'");
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (out, "%02x", data[i]);
  g_string_append_c (out, '\'');
}

static void print_node (GString *out, const RunconfNode *node);

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
print_mapping (GString *out, const RunconfNode *node)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      g_autoptr (GString) entry = g_string_new (NULL);

      print_string (entry, runconf_mapping_get_key (node, i, NULL));
      g_string_append_c (entry, ':');
      print_node (entry, runconf_node_get_child (node, i));
      g_ptr_array_add (entries, g_string_free (g_steal_pointer (&entry), FALSE));
    }

  g_ptr_array_sort (entries, compare_strings);
  g_string_append_c (out, '{');
  for (guint i = 0; i < entries->len; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? "," : "", (const char *) entries->pdata[i]);
  g_string_append_c (out, '}');
}

static void
print_sequence (GString *out, const RunconfNode *node)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      print_node (out, runconf_node_get_child (node, i));
    }
  g_string_append_c (out, ']');
}

static void
print_node (GString *out, const RunconfNode *node)
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
      print_double (out, runconf_node_get_double (node));
      break;
    case RUNCONF_KIND_STRING:
      print_string (out, runconf_node_get_string (node, NULL));
      break;
    case RUNCONF_KIND_BINARY:
      print_binary (out, node);
      break;
    case RUNCONF_KIND_SEQUENCE:
      print_sequence (out, node);
      break;
    case RUNCONF_KIND_MAPPING:
      g_string_append (out, runconf_node_is_replacing (node) ? "!" : "");
      print_mapping (out, node);
      break;
    case RUNCONF_KIND_UNSET:
      g_string_append (out, "unset");
      break;
    default:
      g_assert_not_reached ();
    }
}

/* Two trees are equal exactly if they print the same: keys are sorted, and -0.0 is 0.0. */
char *
tree_print (const RunconfNode *node)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (node != NULL)
    print_node (out, node);
  else
    g_string_append (out, "nothing");

  return g_string_free (g_steal_pointer (&out), FALSE);
}

const RunconfNode *
tree_find (const RunconfNode *root, const char *pointer)
{
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);

  return runconf_node_find (root, path, NULL);
}

RunconfNode *
tree_set (const RunconfNode *root, const char *pointer, const RunconfNode *value)
{
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);

  return runconf_edit_set (root, path, 0, value);
}

RunconfNode *
tree_remove (const RunconfNode *root, const char *pointer)
{
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);

  return runconf_edit_remove (root, path, 0);
}
