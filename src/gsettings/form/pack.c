/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/limits.h"
#include "gsettings/form/escape.h"
#include "gsettings/form/form.h"
#include "gsettings/form/keys.h"
#include "gsettings/form/scalar.h"

static GVariant *pack_value (GVariant *value);

static GVariant *
pack_unsigned (guint64 value)
{
  return value <= G_MAXINT64 ? g_variant_new_int64 ((gint64) value) : g_variant_new_uint64 (value);
}

static GVariant *
pack_double (double value)
{
  return g_variant_new_double (isnan (value) ? NAN : value);
}

static GVariant *
pack_null (void)
{
  return g_variant_new_signature ("");
}

static GVariant *
pack_bytes (GVariant *value)
{
  gsize size;
  gconstpointer data = g_variant_get_fixed_array (value, &size, 1);

  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, size, 1);
}

/* Returns: (transfer floating): a sequence of the children of any container */
static GVariant *
pack_children (GVariant *value)
{
  gsize length = g_variant_n_children (value);
  g_autofree GVariant **items = g_new (GVariant *, length);

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);

      items[i] = g_variant_new_variant (pack_value (child));
    }

  return g_variant_new_array (G_VARIANT_TYPE_VARIANT, items, length);
}

static char *
dup_key (GVariant *dictionary, gsize position)
{
  g_autoptr (GVariant) entry = g_variant_get_child_value (dictionary, position);
  g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);

  return runconf_gsettings_print_key (key);
}

/* Returns: whether a mapping can have the keys of the dictionary, and isn't taken for an escape */
static gboolean
has_mapping_keys (GVariant *dictionary)
{
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gsize length = g_variant_n_children (dictionary);

  for (gsize i = 0; i < length; i++)
    {
      char *key = dup_key (dictionary, i);
      gsize n_bytes = strlen (key);

      if (!g_hash_table_add (keys, key) || n_bytes == 0 || n_bytes > RUNCONF_MAX_KEY_BYTES)
        return FALSE;
    }

  return length != 1 || !g_hash_table_contains (keys, RUNCONF_GSETTINGS_ESCAPE_KEY);
}

static GVariant *
pack_entry (GVariant *dictionary, gsize position)
{
  g_autofree char *key = dup_key (dictionary, position);
  g_autoptr (GVariant) entry = g_variant_get_child_value (dictionary, position);
  g_autoptr (GVariant) value = g_variant_get_child_value (entry, 1);

  return g_variant_new_dict_entry (g_variant_new_string (key),
                                   g_variant_new_variant (pack_value (value)));
}

static GVariant *
pack_dictionary (GVariant *value)
{
  gsize length = g_variant_n_children (value);
  g_autofree GVariant **entries = g_new (GVariant *, length);

  if (!has_mapping_keys (value))
    return runconf_gsettings_escape (value);

  for (gsize i = 0; i < length; i++)
    entries[i] = pack_entry (value, i);

  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), entries, length);
}

static GVariant *
pack_array (GVariant *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return pack_bytes (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DICTIONARY))
    return pack_dictionary (value);

  return pack_children (value);
}

/**
 * runconf_gsettings_is_nullable:
 *
 * Returns: whether the form of a value of @type can be null, so that null can't mean a maybe
 *   without one
 */
gboolean
runconf_gsettings_is_nullable (const GVariantType *type)
{
  return g_variant_type_is_maybe (type) || g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT);
}

/**
 * runconf_gsettings_may_be_mapping:
 *
 * Returns: whether the form of a value of @type can be a mapping that isn't an escape
 */
gboolean
runconf_gsettings_may_be_mapping (const GVariantType *type)
{
  if (g_variant_type_is_maybe (type))
    type = g_variant_type_element (type);

  return g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT)
         || g_variant_type_is_subtype_of (type, G_VARIANT_TYPE_DICTIONARY);
}

static GVariant *
pack_maybe (GVariant *value)
{
  g_autoptr (GVariant) child = NULL;

  if (runconf_gsettings_is_nullable (g_variant_type_element (g_variant_get_type (value))))
    return pack_children (value);

  child = g_variant_get_maybe (value);

  return child != NULL ? pack_value (child) : pack_null ();
}

/* Returns: whether @form, of the value itself and not an escape, gives its type away */
static gboolean
tells_type (GVariant *form, GVariant *value)
{
  g_autoptr (GVariantType) type = runconf_gsettings_infer (form);

  return type != NULL && g_variant_is_of_type (value, type);
}

static GVariant *
pack_variant (GVariant *value)
{
  g_autoptr (GVariant) child = g_variant_get_variant (value);
  GVariant *form = pack_value (child);

  if (tells_type (form, child))
    return form;

  g_variant_unref (form);

  return runconf_gsettings_escape (g_variant_is_of_type (child, G_VARIANT_TYPE_VARIANT) ? value
                                                                                        : child);
}

static GVariant *
pack_value (GVariant *value)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      return g_variant_new_boolean (g_variant_get_boolean (value));
    case G_VARIANT_CLASS_UINT64:
      return pack_unsigned (g_variant_get_uint64 (value));
    case G_VARIANT_CLASS_DOUBLE:
      return pack_double (g_variant_get_double (value));
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      return g_variant_new_string (g_variant_get_string (value, NULL));
    case G_VARIANT_CLASS_VARIANT:
      return pack_variant (value);
    case G_VARIANT_CLASS_MAYBE:
      return pack_maybe (value);
    case G_VARIANT_CLASS_ARRAY:
      return pack_array (value);
    case G_VARIANT_CLASS_TUPLE:
    case G_VARIANT_CLASS_DICT_ENTRY:
      return pack_children (value);
    default:
      return g_variant_new_int64 (runconf_gsettings_get_integer (value));
    }
}

static guint
get_level_cost (GVariant *form)
{
  const char *type = g_variant_get_type_string (form);

  if (strcmp (type, "a{sv}") == 0)
    return RUNCONF_COST_MAPPING;

  return strcmp (type, "av") == 0 ? RUNCONF_COST_SEQUENCE : 0;
}

/* Returns: the form in an item of a sequence, or in an entry of a mapping */
static GVariant *
get_child (GVariant *form, gsize position)
{
  g_autoptr (GVariant) item = g_variant_get_child_value (form, position);
  g_autoptr (GVariant) boxed = NULL;

  if (g_variant_is_of_type (item, G_VARIANT_TYPE_VARIANT))
    return g_variant_get_variant (item);

  boxed = g_variant_get_child_value (item, 1);

  return g_variant_get_variant (boxed);
}

static gboolean
costs_at_most (GVariant *form, guint limit)
{
  guint cost = get_level_cost (form);
  gsize length = cost > 0 ? g_variant_n_children (form) : 0;

  if (cost > limit)
    return FALSE;

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) child = get_child (form, i);

      if (!costs_at_most (child, limit - cost))
        return FALSE;
    }

  return TRUE;
}

/**
 * runconf_gsettings_pack:
 * @value: any value
 * @is_typed: whether the reader knows the type, from a schema; else the form tells the type, too,
 *   and a mapping is an escape: any other one is a folder of keys
 *
 * Returns: (transfer full): the form of @value
 */
GVariant *
runconf_gsettings_pack (GVariant *value, gboolean is_typed)
{
  g_autoptr (GVariant) form = g_variant_ref_sink (pack_value (value));

  if (costs_at_most (form, RUNCONF_GSETTINGS_MAX_COST)
      && (is_typed || (tells_type (form, value) && get_level_cost (form) < RUNCONF_COST_MAPPING)))
    return g_steal_pointer (&form);

  return g_variant_ref_sink (runconf_gsettings_escape (value));
}
