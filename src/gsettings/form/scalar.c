/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/form/scalar.h"

/**
 * runconf_gsettings_get_integer:
 * @value: of an integer type other than t
 */
gint64
runconf_gsettings_get_integer (GVariant *value)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BYTE:
      return g_variant_get_byte (value);
    case G_VARIANT_CLASS_INT16:
      return g_variant_get_int16 (value);
    case G_VARIANT_CLASS_UINT16:
      return g_variant_get_uint16 (value);
    case G_VARIANT_CLASS_INT32:
      return g_variant_get_int32 (value);
    case G_VARIANT_CLASS_UINT32:
      return g_variant_get_uint32 (value);
    case G_VARIANT_CLASS_HANDLE:
      return g_variant_get_handle (value);
    case G_VARIANT_CLASS_INT64:
      return g_variant_get_int64 (value);
    default:
      g_return_val_if_reached (0);
    }
}

/**
 * runconf_gsettings_get_range:
 * @type: the letter of an integer type
 * @minimum: (out): the smallest integer of this type
 * @maximum: (out): the largest one
 */
void
runconf_gsettings_get_range (char type, gint64 *minimum, guint64 *maximum)
{
  static const struct
  {
    char type;
    gint64 minimum;
    guint64 maximum;
  } ranges[] = {
    { 'y', 0, G_MAXUINT8 },  { 'n', G_MININT16, G_MAXINT16 },
    { 'q', 0, G_MAXUINT16 }, { 'i', G_MININT32, G_MAXINT32 },
    { 'u', 0, G_MAXUINT32 }, { 'x', G_MININT64, G_MAXINT64 },
    { 't', 0, G_MAXUINT64 }, { 'h', G_MININT32, G_MAXINT32 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      if (ranges[i].type != type)
        continue;

      *minimum = ranges[i].minimum;
      *maximum = ranges[i].maximum;
      return;
    }

  g_return_if_reached ();
}

static GVariant *
new_integer (char type, gint64 value)
{
  switch (type)
    {
    case 'y':
      return g_variant_new_byte (value);
    case 'n':
      return g_variant_new_int16 (value);
    case 'q':
      return g_variant_new_uint16 (value);
    case 'i':
      return g_variant_new_int32 (value);
    case 'u':
      return g_variant_new_uint32 (value);
    case 'h':
      return g_variant_new_handle (value);
    case 'x':
      return g_variant_new_int64 (value);
    default:
      return g_variant_new_uint64 (value);
    }
}

/**
 * runconf_gsettings_new_integer:
 * @type: the letter of an integer type
 *
 * Returns: (transfer floating) (nullable): the integer, or %NULL if @value is out of range
 */
GVariant *
runconf_gsettings_new_integer (char type, gint64 value)
{
  gint64 minimum;
  guint64 maximum;

  runconf_gsettings_get_range (type, &minimum, &maximum);
  if (value < minimum || (value > 0 && (guint64) value > maximum))
    return NULL;

  return new_integer (type, value);
}

/**
 * runconf_gsettings_new_string:
 * @type: the letter of a string type
 * @text: valid UTF-8
 *
 * Returns: (transfer floating) (nullable): the string, or %NULL if @text isn't one of this type
 */
GVariant *
runconf_gsettings_new_string (char type, const char *text)
{
  switch (type)
    {
    case 'o':
      return g_variant_is_object_path (text) ? g_variant_new_object_path (text) : NULL;
    case 'g':
      return g_variant_is_signature (text) ? g_variant_new_signature (text) : NULL;
    default:
      return g_variant_new_string (text);
    }
}
