/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/form/escape.h"
#include "gsettings/form/form.h"

static const GVariantType *
infer_integer (gint64 value)
{
  return value >= G_MININT32 && value <= G_MAXINT32 ? G_VARIANT_TYPE_INT32 : G_VARIANT_TYPE_INT64;
}

static const GVariantType *
infer_unsigned (guint64 value)
{
  return value <= G_MAXINT64 ? infer_integer ((gint64) value) : G_VARIANT_TYPE_UINT64;
}

/* Returns: (transfer full) (nullable): the type of all items */
static GVariantType *
infer_item (GVariant *sequence)
{
  g_autoptr (GVariantType) type = NULL;
  gsize n_items = g_variant_n_children (sequence);

  for (gsize i = 0; i < n_items; i++)
    {
      g_autoptr (GVariant) boxed = g_variant_get_child_value (sequence, i);
      g_autoptr (GVariant) item = g_variant_get_variant (boxed);
      g_autoptr (GVariantType) other = runconf_gsettings_infer (item);

      if (other == NULL || (type != NULL && !g_variant_type_equal (type, other)))
        return NULL;
      if (type == NULL)
        type = g_steal_pointer (&other);
    }

  return g_steal_pointer (&type);
}

static GVariantType *
infer_sequence (GVariant *form)
{
  g_autoptr (GVariantType) item = infer_item (form);

  return item != NULL ? g_variant_type_new_array (item) : NULL;
}

static GVariantType *
infer_mapping (GVariant *form)
{
  g_autoptr (GVariant) escape = runconf_gsettings_find_escape (form);

  return escape == NULL ? g_variant_type_copy (G_VARIANT_TYPE_VARDICT) : NULL;
}

static GVariantType *
infer_array (GVariant *form)
{
  if (g_variant_is_of_type (form, G_VARIANT_TYPE_BYTESTRING))
    return g_variant_type_copy (G_VARIANT_TYPE_BYTESTRING);
  if (g_variant_is_of_type (form, G_VARIANT_TYPE_VARDICT))
    return infer_mapping (form);
  if (g_variant_is_of_type (form, G_VARIANT_TYPE ("av")))
    return infer_sequence (form);

  return NULL;
}

/**
 * runconf_gsettings_infer:
 *
 * Returns: (transfer full) (nullable): the type that @form tells; %NULL for null, an empty
 *   sequence, a sequence of several types, and an escape
 */
GVariantType *
runconf_gsettings_infer (GVariant *form)
{
  switch (g_variant_classify (form))
    {
    case G_VARIANT_CLASS_BOOLEAN:
    case G_VARIANT_CLASS_DOUBLE:
    case G_VARIANT_CLASS_STRING:
      return g_variant_type_copy (g_variant_get_type (form));
    case G_VARIANT_CLASS_INT64:
      return g_variant_type_copy (infer_integer (g_variant_get_int64 (form)));
    case G_VARIANT_CLASS_UINT64:
      return g_variant_type_copy (infer_unsigned (g_variant_get_uint64 (form)));
    case G_VARIANT_CLASS_ARRAY:
      return infer_array (form);
    default:
      return NULL;
    }
}
