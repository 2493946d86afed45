/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/variant.h"

#include <string.h>

#include "core/error.h"
#include "core/escape.h"
#include "core/limits.h"
#include "core/mapping.h"

/* The state of reading a value: the path reached in it, and the number of nodes so far. */
typedef struct
{
  GString *path;
  gsize n_nodes;
} Reader;

static RunconfNode *read_variant (GVariant *variant, Reader *self, GError **error);

static GVariant *
sequence_to_variant (const RunconfNode *self)
{
  guint length = runconf_node_get_length (self);
  g_autofree GVariant **items = g_new (GVariant *, length);

  for (guint i = 0; i < length; i++)
    items[i] = g_variant_new_variant (runconf_node_to_variant (runconf_node_get_child (self, i)));

  return g_variant_new_array (G_VARIANT_TYPE_VARIANT, items, length);
}

static GVariant *
mapping_to_variant (const RunconfNode *self)
{
  guint length = runconf_node_get_length (self);
  g_autofree GVariant **entries = g_new (GVariant *, length);

  for (guint i = 0; i < length; i++)
    {
      GVariant *key = g_variant_new_string (runconf_mapping_get_key (self, i, NULL));
      GVariant *value = runconf_node_to_variant (runconf_node_get_child (self, i));

      entries[i] = g_variant_new_dict_entry (key, g_variant_new_variant (value));
    }

  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), entries, length);
}

/* Returns: (transfer floating): a mapping whose one key is the name of the tag */
static GVariant *
tag_to_variant (const char *name, GVariant *value)
{
  GVariant *entry
      = g_variant_new_dict_entry (g_variant_new_string (name), g_variant_new_variant (value));

  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), &entry, 1);
}

/**
 * runconf_node_to_variant:
 *
 * Converts each kind to its one D-Bus type:
 *
 * | kind | type |
 * | --- | --- |
 * | mapping | `a{sv}`, in the order of its keys |
 * | sequence | `av` |
 * | string, and an integer beyond 64 bits | `s` |
 * | integer | `x`, or `t` above 2^63-1 |
 * | float | `d` |
 * | boolean | `b` |
 * | null | `g`, the empty signature |
 * | binary | `ay` |
 * | unset | `a{sv}`, `{"!unset": null}` |
 * | replacing mapping | `a{sv}`, `{"!replace": {…}}` |
 *
 * The bus has no tags. Their forms are for output only: runconf_node_from_variant() reads ordinary
 * mappings from them.
 *
 * Law, for all trees without tags: runconf_node_from_variant() restores the same tree, except for integers
 * beyond 64 bits, which become strings.
 *
 * Returns: (transfer floating): the value for the bus
 */
GVariant *
runconf_node_to_variant (const RunconfNode *self)
{
  gconstpointer data;
  gsize size;

  switch (runconf_node_get_kind (self))
    {
    case RUNCONF_KIND_NULL:
      return g_variant_new_signature ("");
    case RUNCONF_KIND_BOOLEAN:
      return g_variant_new_boolean (runconf_node_get_boolean (self));
    case RUNCONF_KIND_INTEGER:
      return g_variant_new_int64 (runconf_node_get_integer (self));
    case RUNCONF_KIND_UNSIGNED:
      return g_variant_new_uint64 (runconf_node_get_unsigned (self));
    case RUNCONF_KIND_DOUBLE:
      return g_variant_new_double (runconf_node_get_double (self));
    case RUNCONF_KIND_STRING:
      return g_variant_new_string (runconf_node_get_string (self, NULL));
    case RUNCONF_KIND_BINARY:
      data = runconf_node_get_binary (self, &size);
      return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, size, 1);
    case RUNCONF_KIND_SEQUENCE:
      return sequence_to_variant (self);
    case RUNCONF_KIND_MAPPING:
      return runconf_node_is_replacing (self)
                 ? tag_to_variant (RUNCONF_TAG_KEY_REPLACE, mapping_to_variant (self))
                 : mapping_to_variant (self);
    case RUNCONF_KIND_UNSET:
      return tag_to_variant (RUNCONF_TAG_KEY_UNSET, g_variant_new_signature (""));
    default:
      g_return_val_if_reached (NULL);
    }
}

static void
set_error (GError **error, RunconfError code, Reader *self, const char *problem)
{
  g_autofree char *shown = runconf_escape (self->path->str, self->path->len);

  g_set_error (error, RUNCONF_ERROR, code, "%s: %s", *shown != '\0' ? shown : "the value", problem);
}

/* As nodes, a message of 32 MiB can take many times its size: too many values are refused before
 * nodes are made of them.
 */
static gboolean
count_children (GVariant *variant, Reader *self, GError **error)
{
  self->n_nodes += g_variant_n_children (variant);
  if (self->n_nodes < RUNCONF_MAX_NODES)
    return TRUE;

  set_error (error, RUNCONF_ERROR_TOO_LARGE, self,
             "too many values: there are at most " G_STRINGIFY (RUNCONF_MAX_NODES));

  return FALSE;
}

static RunconfNode *
read_sequence (GVariant *variant, Reader *self, GError **error)
{
  g_autoptr (GPtrArray) items
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_node_unref);
  gsize n_items = g_variant_n_children (variant);
  gsize length = self->path->len;

  if (!count_children (variant, self, error))
    return NULL;

  for (gsize i = 0; i < n_items; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (variant, i);
      RunconfNode *item;

      g_string_append_printf (self->path, "/%" G_GSIZE_FORMAT, i);
      item = read_variant (child, self, error);
      if (item == NULL)
        return NULL;

      g_ptr_array_add (items, item);
      g_string_truncate (self->path, length);
    }

  return runconf_node_new_sequence ((RunconfNode *const *) items->pdata, items->len);
}

static gboolean
read_entry (RunconfMappingBuilder *builder, GVariant *entry, Reader *self, GError **error)
{
  g_autoptr (GVariant) key_variant = g_variant_get_child_value (entry, 0);
  g_autoptr (GVariant) value_variant = g_variant_get_child_value (entry, 1);
  g_autoptr (RunconfNode) value = NULL;
  gsize outer = self->path->len;
  gsize length;
  const char *key = g_variant_get_string (key_variant, &length);

  runconf_path_append (self->path, key);
  if (length > RUNCONF_MAX_KEY_BYTES)
    {
      set_error (error, RUNCONF_ERROR_TOO_LARGE, self,
                 "a key holds at most " G_STRINGIFY (RUNCONF_MAX_KEY_BYTES) " bytes");
      return FALSE;
    }

  value = read_variant (value_variant, self, error);
  if (value == NULL)
    return FALSE;

  if (!runconf_mapping_builder_add (builder, key, length, value))
    {
      set_error (error, RUNCONF_ERROR_INVALID_VALUE, self,
                 "the key occurs twice: the keys of a mapping are unique");
      return FALSE;
    }

  g_string_truncate (self->path, outer);

  return TRUE;
}

static RunconfNode *
read_mapping (GVariant *variant, Reader *self, GError **error)
{
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();
  const GVariantType *entry_type = g_variant_type_element (g_variant_get_type (variant));
  const char *key_type = g_variant_type_peek_string (g_variant_type_key (entry_type));
  gsize n_entries = g_variant_n_children (variant);

  if (*key_type != 's' && *key_type != 'o')
    {
      set_error (error, RUNCONF_ERROR_INVALID_VALUE, self,
                 "the keys of a mapping are strings: send a dictionary of type a{sv}");
      return NULL;
    }

  if (!count_children (variant, self, error))
    return NULL;

  for (gsize i = 0; i < n_entries; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (variant, i);

      if (!read_entry (builder, entry, self, error))
        return NULL;
    }

  return runconf_mapping_builder_end (builder);
}

static RunconfNode *
read_null (GVariant *variant, Reader *self, GError **error)
{
  if (*g_variant_get_string (variant, NULL) == '\0')
    return runconf_node_new_null ();

  set_error (error, RUNCONF_ERROR_INVALID_VALUE, self,
             "only the empty signature is allowed, which means null; send text as a string");

  return NULL;
}

static RunconfNode *
read_array (GVariant *variant, Reader *self, GError **error)
{
  const GVariantType *type = g_variant_get_type (variant);
  gconstpointer data;
  gsize size;

  if (g_variant_type_equal (type, G_VARIANT_TYPE_BYTESTRING))
    {
      data = g_variant_get_fixed_array (variant, &size, 1);
      return runconf_node_new_binary (data, size);
    }

  if (g_variant_type_is_dict_entry (g_variant_type_element (type)))
    return read_mapping (variant, self, error);

  return read_sequence (variant, self, error);
}

static RunconfNode *
read_string (GVariant *variant)
{
  gsize length;
  const char *value = g_variant_get_string (variant, &length);

  return runconf_node_new_string (value, length);
}

static RunconfNode *
read_unknown (GVariant *variant, Reader *self, GError **error)
{
  g_autofree char *problem
      = g_strdup_printf ("a value of the D-Bus type %s can't be stored in a configuration: send a "
                         "string, number, boolean, array, or dictionary",
                         g_variant_get_type_string (variant));

  set_error (error, RUNCONF_ERROR_INVALID_VALUE, self, problem);

  return NULL;
}

static RunconfNode *
read_variant (GVariant *variant, Reader *self, GError **error)
{
  g_autoptr (GVariant) inner = NULL;

  switch (g_variant_classify (variant))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      return runconf_node_new_boolean (g_variant_get_boolean (variant));
    case G_VARIANT_CLASS_BYTE:
      return runconf_node_new_integer (g_variant_get_byte (variant));
    case G_VARIANT_CLASS_INT16:
      return runconf_node_new_integer (g_variant_get_int16 (variant));
    case G_VARIANT_CLASS_UINT16:
      return runconf_node_new_integer (g_variant_get_uint16 (variant));
    case G_VARIANT_CLASS_INT32:
      return runconf_node_new_integer (g_variant_get_int32 (variant));
    case G_VARIANT_CLASS_UINT32:
      return runconf_node_new_integer (g_variant_get_uint32 (variant));
    case G_VARIANT_CLASS_INT64:
      return runconf_node_new_integer (g_variant_get_int64 (variant));
    case G_VARIANT_CLASS_UINT64:
      return runconf_node_new_unsigned (g_variant_get_uint64 (variant));
    case G_VARIANT_CLASS_DOUBLE:
      return runconf_node_new_double (g_variant_get_double (variant));
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
      return read_string (variant);
    case G_VARIANT_CLASS_SIGNATURE:
      return read_null (variant, self, error);
    case G_VARIANT_CLASS_VARIANT:
      inner = g_variant_get_variant (variant);
      return read_variant (inner, self, error);
    case G_VARIANT_CLASS_ARRAY:
      return read_array (variant, self, error);
    case G_VARIANT_CLASS_TUPLE:
      return read_sequence (variant, self, error);
    case G_VARIANT_CLASS_HANDLE:
    case G_VARIANT_CLASS_MAYBE:
    case G_VARIANT_CLASS_DICT_ENTRY:
    default:
      return read_unknown (variant, self, error);
    }
}

/**
 * runconf_node_from_variant:
 * @variant: a value from the bus
 * @pointer: the path that the value is for, used in the error
 *
 * Accepts the types that runconf_node_to_variant() emits, and equivalent ones: every integer type,
 * an object path as a string, any array or tuple as a sequence, any dictionary with string keys as
 * a mapping. A variant in a variant is unwrapped.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL with %RUNCONF_ERROR_INVALID_VALUE or
 *   %RUNCONF_ERROR_TOO_LARGE, whose message names the path of the error
 */
RunconfNode *
runconf_node_from_variant (GVariant *variant, const char *pointer, GError **error)
{
  g_autoptr (GString) path = g_string_new (pointer);
  Reader reader = { path, 0 };
  g_autoptr (RunconfNode) node = read_variant (variant, &reader, error);

  if (node == NULL || !runconf_node_check_limits (node, error))
    return NULL;

  return g_steal_pointer (&node);
}

/**
 * runconf_variant_get_offset_size:
 * @n_bytes: the size of an array's elements together
 *
 * Returns: the size of an element's offset in bytes, by GVariant's rule: the smallest size that can hold the
 *   size of the whole array, with all offsets
 */
gsize
runconf_variant_get_offset_size (guint64 n_bytes, guint64 n_elements)
{
  for (gsize size = 1; size < sizeof (guint64); size *= 2)
    {
      if (n_bytes + n_elements * size < G_GUINT64_CONSTANT (1) << (8 * size))
        return size;
    }

  return sizeof (guint64);
}

/**
 * runconf_variant_new_strings:
 * @strings: in UTF-8
 *
 * Makes an array of strings in one block: an object for each string would take ten times as long.
 *
 * Returns: (transfer floating): the strings, as `as`
 */
GVariant *
runconf_variant_new_strings (const char *const *strings, gsize n_strings)
{
  gsize end = 0, offset_size, size;
  char *data, *offset;

  for (gsize i = 0; i < n_strings; i++)
    end += strlen (strings[i]) + 1;
  offset_size = runconf_variant_get_offset_size (end, n_strings);
  size = end + n_strings * offset_size;
  data = g_malloc (size);
  offset = data + end;

  end = 0;
  for (gsize i = 0; i < n_strings; i++, offset += offset_size)
    {
      gsize length = strlen (strings[i]) + 1;
      guint64 little;

      memcpy (data + end, strings[i], length);
      end += length;
      little = GUINT64_TO_LE (end);
      memcpy (offset, &little, offset_size);
    }

  return g_variant_new_from_data (G_VARIANT_TYPE_STRING_ARRAY, data, size, TRUE, g_free, data);
}
