/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/form/expected.h"

#include <string.h>

#include "gsettings/form/form.h"
#include "gsettings/form/scalar.h"

static char *
describe_integer (char type)
{
  gint64 minimum;
  guint64 maximum;

  runconf_gsettings_get_range (type, &minimum, &maximum);

  return g_strdup_printf ("an integer from %" G_GINT64_FORMAT " to %" G_GUINT64_FORMAT, minimum,
                          maximum);
}

static char *
describe_array (const GVariantType *type)
{
  if (g_variant_type_equal (type, G_VARIANT_TYPE_BYTESTRING))
    return g_strdup ("binary or a sequence");

  return g_strdup (g_variant_type_is_dict_entry (g_variant_type_element (type)) ? "a mapping"
                                                                                : "a sequence");
}

static char *
describe_tuple (gsize length)
{
  return g_strdup_printf ("a sequence of %" G_GSIZE_FORMAT " %s", length,
                          length == 1 ? "value" : "values");
}

static char *
describe_maybe (const GVariantType *element)
{
  g_autofree char *child = NULL;

  if (runconf_gsettings_is_nullable (element))
    return g_strdup ("a sequence of at most 1 value");

  child = runconf_gsettings_describe_type (element);

  return g_strdup_printf ("null or %s", child);
}

/**
 * runconf_gsettings_describe_type:
 *
 * Returns: (transfer full): the form of the values of @type, with an article
 */
char *
runconf_gsettings_describe_type (const GVariantType *type)
{
  char letter = *g_variant_type_peek_string (type);

  switch (letter)
    {
    case 'b':
      return g_strdup ("a boolean");
    case 'd':
      return g_strdup ("a float");
    case 's':
      return g_strdup ("a string");
    case 'o':
      return g_strdup ("an object path of D-Bus");
    case 'g':
      return g_strdup ("a signature of D-Bus");
    case 'v':
      return g_strdup ("a value that tells its type, or {" RUNCONF_GSETTINGS_ESCAPE_KEY ": TEXT}");
    case 'a':
      return describe_array (type);
    case 'm':
      return describe_maybe (g_variant_type_element (type));
    case '(':
    case '{':
      return describe_tuple (g_variant_type_n_items (type));
    default:
      return describe_integer (letter);
    }
}

static gboolean
is_integer (const GVariantType *type)
{
  return g_variant_type_is_basic (type)
         && strchr ("bdsog", *g_variant_type_peek_string (type)) == NULL;
}

static char *
describe_found_integer (gboolean is_negative, const GVariantType *type)
{
  if (!is_integer (type))
    return g_strdup ("an integer");

  return g_strdup (is_negative ? "a smaller one" : "a larger one");
}

static char *
describe_found_string (const GVariantType *type)
{
  char letter = *g_variant_type_peek_string (type);

  return g_strdup (letter == 'o' || letter == 'g' ? "another string" : "a string");
}

static char *
describe_found_array (GVariant *form, const GVariantType *type)
{
  if (g_variant_is_of_type (form, G_VARIANT_TYPE_BYTESTRING))
    return g_strdup ("binary");
  if (g_variant_is_of_type (form, G_VARIANT_TYPE_VARDICT))
    return g_strdup ("a mapping");
  if (strchr ("({m", *g_variant_type_peek_string (type)) != NULL)
    return describe_tuple (g_variant_n_children (form));
  if (g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT))
    return g_strdup (g_variant_n_children (form) > 0 ? "a sequence whose items tell no common type"
                                                     : "an empty sequence");

  return g_strdup ("a sequence");
}

/**
 * runconf_gsettings_describe_form:
 * @type: the expected type
 *
 * Returns: (transfer full): the kind of @form, with an article, and how it differs from @type if it
 *   has the same kind
 */
char *
runconf_gsettings_describe_form (GVariant *form, const GVariantType *type)
{
  switch (g_variant_classify (form))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      return g_strdup ("a boolean");
    case G_VARIANT_CLASS_DOUBLE:
      return g_strdup ("a float");
    case G_VARIANT_CLASS_INT64:
      return describe_found_integer (g_variant_get_int64 (form) < 0, type);
    case G_VARIANT_CLASS_UINT64:
      return describe_found_integer (FALSE, type);
    case G_VARIANT_CLASS_STRING:
      return describe_found_string (type);
    case G_VARIANT_CLASS_SIGNATURE:
      return g_strdup ("null");
    case G_VARIANT_CLASS_ARRAY:
      return describe_found_array (form, type);
    default:
      return g_strdup ("a value of another type");
    }
}
