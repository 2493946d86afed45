/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>

#include "core/error.h"
#include "core/escape.h"
#include "core/path.h"
#include "gsettings/form/escape.h"
#include "gsettings/form/expected.h"
#include "gsettings/form/form.h"
#include "gsettings/form/keys.h"
#include "gsettings/form/scalar.h"

/* All functions here return full references, or %NULL with an error. @path is the path reached in
 * the value.
 */
static GVariant *read_value (GVariant *form, const GVariantType *type, GString *path,
                             GError **error);

static void
set_error (GString *path, const char *expected, const char *found, GError **error)
{
  g_autofree char *shown = runconf_escape (path->str, path->len);

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "%s%sexpected %s, found %s",
               shown, *shown != '\0' ? ": " : "", expected, found);
}

static GVariant *
refuse (GVariant *form, const GVariantType *type, GString *path, GError **error)
{
  g_autofree char *expected = runconf_gsettings_describe_type (type);
  g_autofree char *found = runconf_gsettings_describe_form (form, type);

  set_error (path, expected, found, error);

  return NULL;
}

static GVariant *
read_boolean (GVariant *form)
{
  return g_variant_is_of_type (form, G_VARIANT_TYPE_BOOLEAN) ? g_variant_ref (form) : NULL;
}

static GVariant *
read_integer (GVariant *form, char type)
{
  if (g_variant_is_of_type (form, G_VARIANT_TYPE_INT64))
    return runconf_gsettings_new_integer (type, g_variant_get_int64 (form));
  if (!g_variant_is_of_type (form, G_VARIANT_TYPE_UINT64))
    return NULL;
  if (type == 't')
    return g_variant_ref (form);

  return g_variant_get_uint64 (form) <= G_MAXINT64
             ? runconf_gsettings_new_integer (type, (gint64) g_variant_get_uint64 (form))
             : NULL;
}

static GVariant *
read_double (GVariant *form)
{
  if (g_variant_is_of_type (form, G_VARIANT_TYPE_DOUBLE))
    return g_variant_ref (form);
  if (g_variant_is_of_type (form, G_VARIANT_TYPE_INT64))
    return g_variant_new_double (g_variant_get_int64 (form));
  if (g_variant_is_of_type (form, G_VARIANT_TYPE_UINT64))
    return g_variant_new_double (g_variant_get_uint64 (form));

  return NULL;
}

static GVariant *
read_string (GVariant *form, char type)
{
  if (!g_variant_is_of_type (form, G_VARIANT_TYPE_STRING))
    return NULL;

  return type == 's' ? g_variant_ref (form)
                     : runconf_gsettings_new_string (type, g_variant_get_string (form, NULL));
}

/* Returns: (nullable): the value, floating or not, or %NULL without an error */
static GVariant *
read_scalar (GVariant *form, char type)
{
  switch (type)
    {
    case 'b':
      return read_boolean (form);
    case 'd':
      return read_double (form);
    case 's':
    case 'o':
    case 'g':
      return read_string (form, type);
    default:
      return read_integer (form, type);
    }
}

static GVariant *
read_item (GVariant *sequence, gsize position, const GVariantType *type, GString *path,
           GError **error)
{
  g_autoptr (GVariant) boxed = g_variant_get_child_value (sequence, position);
  g_autoptr (GVariant) form = g_variant_get_variant (boxed);
  gsize length = path->len;
  GVariant *value;

  g_string_append_printf (path, "/%" G_GSIZE_FORMAT, position);
  value = read_value (form, type, path, error);
  g_string_truncate (path, value != NULL ? length : path->len);

  return value;
}

static GPtrArray *
children_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
}

/* Returns: (transfer full): the items as values of one type */
static GPtrArray *
read_items (GVariant *sequence, const GVariantType *type, GString *path, GError **error)
{
  g_autoptr (GPtrArray) items = children_new ();
  gsize length = g_variant_n_children (sequence);

  for (gsize i = 0; i < length; i++)
    {
      GVariant *item = read_item (sequence, i, type, path, error);

      if (item == NULL)
        return NULL;

      g_ptr_array_add (items, item);
    }

  return g_steal_pointer (&items);
}

static GVariant *
read_list (GVariant *form, const GVariantType *type, GString *path, GError **error)
{
  g_autoptr (GPtrArray) items = NULL;

  if (!g_variant_is_of_type (form, G_VARIANT_TYPE ("av")))
    return refuse (form, type, path, error);

  items = read_items (form, g_variant_type_element (type), path, error);

  return items != NULL ? g_variant_new_array (g_variant_type_element (type),
                                              (GVariant **) items->pdata, items->len)
                       : NULL;
}

static GVariant *
read_key (GVariant *key, const GVariantType *type, GString *path, GError **error)
{
  g_autofree char *expected = NULL;
  GVariant *read = runconf_gsettings_read_key (g_variant_get_string (key, NULL), type);

  if (read != NULL)
    return read;

  expected = runconf_gsettings_describe_type (type);
  set_error (path, expected, "another text as the key", error);

  return NULL;
}

static GVariant *
read_entry (GVariant *mapping, gsize position, const GVariantType *type, GString *path,
            GError **error)
{
  g_autoptr (GVariant) entry = g_variant_get_child_value (mapping, position);
  g_autoptr (GVariant) key_form = g_variant_get_child_value (entry, 0);
  g_autoptr (GVariant) boxed = g_variant_get_child_value (entry, 1);
  g_autoptr (GVariant) form = g_variant_get_variant (boxed);
  g_autoptr (GVariant) key = NULL;
  g_autoptr (GVariant) value = NULL;
  gsize length = path->len;

  runconf_path_append (path, g_variant_get_string (key_form, NULL));
  key = read_key (key_form, g_variant_type_key (type), path, error);
  if (key == NULL)
    return NULL;

  g_variant_ref_sink (key);
  value = read_value (form, g_variant_type_value (type), path, error);
  if (value == NULL)
    return NULL;

  g_string_truncate (path, length);

  return g_variant_ref_sink (g_variant_new_dict_entry (key, value));
}

static GVariant *
read_dictionary (GVariant *form, const GVariantType *type, GString *path, GError **error)
{
  const GVariantType *entry_type = g_variant_type_element (type);
  g_autoptr (GPtrArray) entries = children_new ();

  if (!g_variant_is_of_type (form, G_VARIANT_TYPE_VARDICT))
    return refuse (form, type, path, error);

  for (gsize i = 0; i < g_variant_n_children (form); i++)
    {
      GVariant *entry = read_entry (form, i, entry_type, path, error);

      if (entry == NULL)
        return NULL;

      g_ptr_array_add (entries, entry);
    }

  return g_variant_new_array (entry_type, (GVariant **) entries->pdata, entries->len);
}

static GVariant *
read_array (GVariant *form, const GVariantType *type, GString *path, GError **error)
{
  if (g_variant_type_is_dict_entry (g_variant_type_element (type)))
    return read_dictionary (form, type, path, error);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_BYTESTRING)
      && g_variant_is_of_type (form, G_VARIANT_TYPE_BYTESTRING))
    return g_variant_ref (form);

  return read_list (form, type, path, error);
}

/* Returns: (transfer full): the items, each as a value of its type */
static GPtrArray *
read_members (GVariant *form, const GVariantType *type, GString *path, GError **error)
{
  g_autoptr (GPtrArray) members = children_new ();
  const GVariantType *member_type = g_variant_type_first (type);

  for (gsize i = 0; member_type != NULL; i++)
    {
      GVariant *member = read_item (form, i, member_type, path, error);

      if (member == NULL)
        return NULL;

      g_ptr_array_add (members, member);
      member_type = g_variant_type_next (member_type);
    }

  return g_steal_pointer (&members);
}

/* Reads tuples, and entries of dictionaries that are in none. */
static GVariant *
read_tuple (GVariant *form, const GVariantType *type, GString *path, GError **error)
{
  g_autoptr (GPtrArray) members = NULL;

  if (!g_variant_is_of_type (form, G_VARIANT_TYPE ("av"))
      || g_variant_n_children (form) != g_variant_type_n_items (type))
    return refuse (form, type, path, error);

  members = read_members (form, type, path, error);
  if (members == NULL)
    return NULL;

  return g_variant_type_is_tuple (type)
             ? g_variant_new_tuple ((GVariant **) members->pdata, members->len)
             : g_variant_new_dict_entry (members->pdata[0], members->pdata[1]);
}

static GVariant *
read_boxed_maybe (GVariant *form, const GVariantType *type, GString *path, GError **error)
{
  g_autoptr (GPtrArray) items = NULL;

  if (!g_variant_is_of_type (form, G_VARIANT_TYPE ("av")) || g_variant_n_children (form) > 1)
    return refuse (form, type, path, error);

  items = read_items (form, g_variant_type_element (type), path, error);
  if (items == NULL)
    return NULL;

  return g_variant_new_maybe (g_variant_type_element (type),
                              items->len > 0 ? items->pdata[0] : NULL);
}

static GVariant *
read_maybe (GVariant *form, const GVariantType *type, GString *path, GError **error)
{
  const GVariantType *element = g_variant_type_element (type);
  g_autoptr (GVariant) child = NULL;

  if (runconf_gsettings_is_nullable (element))
    return read_boxed_maybe (form, type, path, error);
  if (g_variant_is_of_type (form, G_VARIANT_TYPE_SIGNATURE))
    return g_variant_new_maybe (element, NULL);

  child = read_value (form, element, path, error);

  return child != NULL ? g_variant_new_maybe (element, child) : NULL;
}

static GVariant *
read_variant (GVariant *form, GString *path, GError **error)
{
  g_autoptr (GVariantType) type = runconf_gsettings_infer (form);
  g_autoptr (GVariant) child = NULL;

  if (type == NULL)
    return refuse (form, G_VARIANT_TYPE_VARIANT, path, error);

  child = read_value (form, type, path, error);

  return child != NULL ? g_variant_new_variant (child) : NULL;
}

/* Returns: a value of a type that isn't basic */
static GVariant *
read_other (GVariant *form, const GVariantType *type, GString *path, GError **error)
{
  switch (*g_variant_type_peek_string (type))
    {
    case 'a':
      return read_array (form, type, path, error);
    case 'm':
      return read_maybe (form, type, path, error);
    case 'v':
      return read_variant (form, path, error);
    default:
      return read_tuple (form, type, path, error);
    }
}

static GVariant *
read_natural (GVariant *form, const GVariantType *type, GString *path, GError **error)
{
  GVariant *value;

  if (!g_variant_type_is_basic (type))
    return read_other (form, type, path, error);

  value = read_scalar (form, *g_variant_type_peek_string (type));

  return value != NULL ? value : refuse (form, type, path, error);
}

static GVariant *
read_escape (GVariant *content, const GVariantType *type, GString *path, GError **error)
{
  g_autofree char *shown = runconf_escape (path->str, path->len);
  GVariant *value = runconf_gsettings_unescape (content, type, error);

  if (value == NULL && *shown != '\0')
    g_prefix_error (error, "%s: ", shown);

  return value;
}

static GVariant *
read_value (GVariant *form, const GVariantType *type, GString *path, GError **error)
{
  g_autoptr (GVariant) escape = runconf_gsettings_find_escape (form);
  GVariant *value;

  if (escape != NULL)
    return read_escape (escape, type, path, error);

  value = read_natural (form, type, path, error);

  return value != NULL ? g_variant_take_ref (value) : NULL;
}

static GVariant *
read_untyped (GVariant *form, GString *path, GError **error)
{
  g_autoptr (GVariant) escape = runconf_gsettings_find_escape (form);
  g_autoptr (GVariantType) type = NULL;

  if (escape != NULL)
    return read_escape (escape, NULL, path, error);

  type = runconf_gsettings_infer (form);

  return type != NULL ? read_value (form, type, path, error)
                      : refuse (form, G_VARIANT_TYPE_VARIANT, path, error);
}

/**
 * runconf_gsettings_unpack:
 * @form: a value of a configuration, as librunconf returns it
 * @type: (nullable): the type of the key, or %NULL for the type that @form tells
 *
 * Returns: (transfer full) (nullable): the value, or %NULL with %RUNCONF_ERROR_INVALID_VALUE, whose
 *   message names the path in the value, and the expected and the found type; no value
 */
GVariant *
runconf_gsettings_unpack (GVariant *form, const GVariantType *type, GError **error)
{
  g_autoptr (GString) path = g_string_new (NULL);

  return type != NULL ? read_value (form, type, path, error) : read_untyped (form, path, error);
}
