/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/value-mapping.h"

#include <math.h>

/* The default conversions of a binding, used if no mapping function is given:
 *
 * | property | configuration |
 * | --- | --- |
 * | any integer | an integer in its range |
 * | float, double | a float; an integer is accepted too |
 * | boolean | a boolean |
 * | string, strings | a string, a sequence of strings; %NULL is null |
 * | enumeration | the nick, a string |
 * | flags | the nicks, a sequence of strings |
 * | variant | any value |
 */

/**
 * runconf_value_mapping_covers:
 *
 * Returns: whether there is a conversion for properties of this type
 */
gboolean
runconf_value_mapping_covers (GType type)
{
  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_BOOLEAN:
    case G_TYPE_CHAR:
    case G_TYPE_UCHAR:
    case G_TYPE_INT:
    case G_TYPE_UINT:
    case G_TYPE_LONG:
    case G_TYPE_ULONG:
    case G_TYPE_INT64:
    case G_TYPE_UINT64:
    case G_TYPE_FLOAT:
    case G_TYPE_DOUBLE:
    case G_TYPE_STRING:
    case G_TYPE_ENUM:
    case G_TYPE_FLAGS:
    case G_TYPE_VARIANT:
      return TRUE;
    default:
      return type == G_TYPE_STRV;
    }
}

static gboolean
is_null (GVariant *variant)
{
  return g_variant_is_of_type (variant, G_VARIANT_TYPE_SIGNATURE);
}

static gboolean
get_signed (GVariant *variant, gint64 least, gint64 most, gint64 *value)
{
  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_INT64))
    return FALSE;

  *value = g_variant_get_int64 (variant);

  return *value >= least && *value <= most;
}

static gboolean
get_unsigned (GVariant *variant, guint64 most, guint64 *value)
{
  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_UINT64))
    *value = g_variant_get_uint64 (variant);
  else if (g_variant_is_of_type (variant, G_VARIANT_TYPE_INT64)
           && g_variant_get_int64 (variant) >= 0)
    *value = (guint64) g_variant_get_int64 (variant);
  else
    return FALSE;

  return *value <= most;
}

static gboolean
get_integer (GValue *value, GVariant *variant)
{
  gint64 number;
  guint64 unsigned_number;

  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_CHAR:
      if (!get_signed (variant, G_MININT8, G_MAXINT8, &number))
        return FALSE;
      g_value_set_schar (value, (gint8) number);
      return TRUE;
    case G_TYPE_UCHAR:
      if (!get_unsigned (variant, G_MAXUINT8, &unsigned_number))
        return FALSE;
      g_value_set_uchar (value, (guchar) unsigned_number);
      return TRUE;
    case G_TYPE_INT:
      if (!get_signed (variant, G_MININT, G_MAXINT, &number))
        return FALSE;
      g_value_set_int (value, (int) number);
      return TRUE;
    case G_TYPE_UINT:
      if (!get_unsigned (variant, G_MAXUINT, &unsigned_number))
        return FALSE;
      g_value_set_uint (value, (guint) unsigned_number);
      return TRUE;
    case G_TYPE_LONG:
      if (!get_signed (variant, G_MINLONG, G_MAXLONG, &number))
        return FALSE;
      g_value_set_long (value, (long) number);
      return TRUE;
    case G_TYPE_ULONG:
      if (!get_unsigned (variant, G_MAXULONG, &unsigned_number))
        return FALSE;
      g_value_set_ulong (value, (gulong) unsigned_number);
      return TRUE;
    case G_TYPE_INT64:
      if (!get_signed (variant, G_MININT64, G_MAXINT64, &number))
        return FALSE;
      g_value_set_int64 (value, number);
      return TRUE;
    case G_TYPE_UINT64:
      if (!get_unsigned (variant, G_MAXUINT64, &unsigned_number))
        return FALSE;
      g_value_set_uint64 (value, unsigned_number);
      return TRUE;
    default:
      g_return_val_if_reached (FALSE);
    }
}

static gboolean
get_double (GVariant *variant, double *value)
{
  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_DOUBLE))
    *value = g_variant_get_double (variant);
  else if (g_variant_is_of_type (variant, G_VARIANT_TYPE_INT64))
    *value = (double) g_variant_get_int64 (variant);
  else if (g_variant_is_of_type (variant, G_VARIANT_TYPE_UINT64))
    *value = (double) g_variant_get_uint64 (variant);
  else
    return FALSE;

  return TRUE;
}

static gboolean
get_float (GValue *value, GVariant *variant)
{
  double number;

  if (!get_double (variant, &number))
    return FALSE;

  if (G_VALUE_HOLDS_DOUBLE (value))
    g_value_set_double (value, number);
  else if (!isfinite (number) || fabs (number) <= (double) G_MAXFLOAT)
    g_value_set_float (value, (float) number);
  else
    return FALSE;

  return TRUE;
}

static gboolean
get_string (GValue *value, GVariant *variant)
{
  if (is_null (variant))
    g_value_set_string (value, NULL);
  else if (g_variant_is_of_type (variant, G_VARIANT_TYPE_STRING))
    g_value_set_string (value, g_variant_get_string (variant, NULL));
  else
    return FALSE;

  return TRUE;
}

/* Returns: (transfer container) (nullable): the strings of a sequence that contains only strings */
static GPtrArray *
get_strings (GVariant *variant)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
  gsize length;

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE ("av")))
    return NULL;

  length = g_variant_n_children (variant);
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) element = NULL;

      g_variant_get_child (variant, i, "v", &element);
      if (!g_variant_is_of_type (element, G_VARIANT_TYPE_STRING))
        return NULL;

      g_ptr_array_add (strings, g_variant_dup_string (element, NULL));
    }

  return g_steal_pointer (&strings);
}

static gboolean
get_strv (GValue *value, GVariant *variant)
{
  g_autoptr (GPtrArray) strings = NULL;

  if (is_null (variant))
    {
      g_value_set_boxed (value, NULL);
      return TRUE;
    }

  strings = get_strings (variant);
  if (strings == NULL)
    return FALSE;

  g_ptr_array_add (strings, NULL);
  g_value_take_boxed (value, g_ptr_array_free (g_steal_pointer (&strings), FALSE));

  return TRUE;
}

static gboolean
get_enum (GValue *value, GVariant *variant)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  GEnumValue *found = NULL;

  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_STRING))
    found = g_enum_get_value_by_nick (klass, g_variant_get_string (variant, NULL));
  if (found == NULL)
    return FALSE;

  g_value_set_enum (value, found->value);

  return TRUE;
}

static gboolean
get_flags (GValue *value, GVariant *variant)
{
  g_autoptr (GFlagsClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  g_autoptr (GPtrArray) nicks = get_strings (variant);
  guint flags = 0;

  if (nicks == NULL)
    return FALSE;

  for (guint i = 0; i < nicks->len; i++)
    {
      GFlagsValue *found = g_flags_get_value_by_nick (klass, nicks->pdata[i]);

      if (found == NULL)
        return FALSE;

      flags |= found->value;
    }

  g_value_set_flags (value, flags);

  return TRUE;
}

/**
 * runconf_value_mapping_get:
 * @value: an initialised value of a type with a conversion
 * @variant: the value in the configuration
 *
 * Returns: whether @value is set; if not, @variant has another type or is out of range
 */
gboolean
runconf_value_mapping_get (GValue *value, GVariant *variant)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_BOOLEAN))
        return FALSE;
      g_value_set_boolean (value, g_variant_get_boolean (variant));
      return TRUE;
    case G_TYPE_FLOAT:
    case G_TYPE_DOUBLE:
      return get_float (value, variant);
    case G_TYPE_STRING:
      return get_string (value, variant);
    case G_TYPE_ENUM:
      return get_enum (value, variant);
    case G_TYPE_FLAGS:
      return get_flags (value, variant);
    case G_TYPE_VARIANT:
      g_value_set_variant (value, variant);
      return TRUE;
    case G_TYPE_BOXED:
      return get_strv (value, variant);
    default:
      return get_integer (value, variant);
    }
}

static GVariant *
make_null (void)
{
  return g_variant_new_signature ("");
}

static GVariant *
set_string (const char *string)
{
  if (string == NULL)
    return make_null ();

  return g_utf8_validate (string, -1, NULL) ? g_variant_new_string (string) : NULL;
}

static GVariant *
set_strv (const char *const *strings)
{
  if (strings == NULL)
    return make_null ();

  for (guint i = 0; strings[i] != NULL; i++)
    {
      if (!g_utf8_validate (strings[i], -1, NULL))
        return NULL;
    }

  return g_variant_new_strv (strings, -1);
}

static GVariant *
set_enum (const GValue *value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  const GEnumValue *found = g_enum_get_value (klass, g_value_get_enum (value));

  return found != NULL ? g_variant_new_string (found->value_nick) : NULL;
}

static GVariant *
set_flags (const GValue *value)
{
  g_autoptr (GFlagsClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  g_autoptr (GPtrArray) nicks = g_ptr_array_new ();
  guint left = g_value_get_flags (value);

  while (left != 0)
    {
      const GFlagsValue *found = g_flags_get_first_value (klass, left);

      if (found == NULL)
        return NULL;

      g_ptr_array_add (nicks, (gpointer) found->value_nick);
      left &= ~found->value;
    }

  return g_variant_new_strv ((const char *const *) nicks->pdata, nicks->len);
}

/**
 * runconf_value_mapping_set:
 * @value: a value of a type with a conversion
 *
 * Returns: (nullable): the value for the configuration, to be used with g_variant_take_ref(); %NULL
 *   if there is none: for text that isn't UTF-8, a number that isn't in the enumeration, or no
 *   variant
 */
GVariant *
runconf_value_mapping_set (const GValue *value)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      return g_variant_new_boolean (g_value_get_boolean (value));
    case G_TYPE_CHAR:
      return g_variant_new_int64 (g_value_get_schar (value));
    case G_TYPE_UCHAR:
      return g_variant_new_int64 (g_value_get_uchar (value));
    case G_TYPE_INT:
      return g_variant_new_int64 (g_value_get_int (value));
    case G_TYPE_UINT:
      return g_variant_new_int64 (g_value_get_uint (value));
    case G_TYPE_LONG:
      return g_variant_new_int64 (g_value_get_long (value));
    case G_TYPE_ULONG:
      return g_variant_new_uint64 (g_value_get_ulong (value));
    case G_TYPE_INT64:
      return g_variant_new_int64 (g_value_get_int64 (value));
    case G_TYPE_UINT64:
      return g_variant_new_uint64 (g_value_get_uint64 (value));
    case G_TYPE_FLOAT:
      return g_variant_new_double ((double) g_value_get_float (value));
    case G_TYPE_DOUBLE:
      return g_variant_new_double (g_value_get_double (value));
    case G_TYPE_STRING:
      return set_string (g_value_get_string (value));
    case G_TYPE_ENUM:
      return set_enum (value);
    case G_TYPE_FLAGS:
      return set_flags (value);
    case G_TYPE_VARIANT:
      return g_value_dup_variant (value);
    case G_TYPE_BOXED:
      return set_strv (g_value_get_boxed (value));
    default:
      g_return_val_if_reached (NULL);
    }
}
