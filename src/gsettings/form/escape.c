/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/form/escape.h"

#include "core/error.h"
#include "gsettings/form/form.h"

/**
 * runconf_gsettings_is_text:
 * @type: (nullable): the type of the value, or %NULL if @text tells it
 *
 * GLib doesn't read its own text of floats below 2.2e-308.
 *
 * Returns: whether GLib reads a text of g_variant_print()
 */
gboolean
runconf_gsettings_is_text (const char *text, const GVariantType *type)
{
  g_autoptr (GVariant) value = g_variant_parse (type, text, NULL, NULL, NULL);

  return value != NULL;
}

/* Returns: @value, in the byte order of a configuration if it is in the one of this machine, and
 *   back
 */
static GVariant *
order_bytes (GVariant *value)
{
  return G_BYTE_ORDER == G_LITTLE_ENDIAN ? g_variant_ref (value) : g_variant_byteswap (value);
}

/* Returns: (transfer floating): the bytes of @value and its type */
static GVariant *
serialise (GVariant *value)
{
  g_autoptr (GVariant) boxed = g_variant_ref_sink (g_variant_new_variant (value));
  g_autoptr (GVariant) ordered = order_bytes (boxed);

  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, g_variant_get_data (ordered),
                                    g_variant_get_size (ordered), 1);
}

/**
 * runconf_gsettings_escape:
 *
 * A value whose text GLib doesn't read becomes bytes.
 *
 * Returns: (transfer floating): the escape of @value
 */
GVariant *
runconf_gsettings_escape (GVariant *value)
{
  g_autofree char *text = g_variant_print (value, TRUE);
  GVariant *content = runconf_gsettings_is_text (text, g_variant_get_type (value))
                          ? g_variant_new_string (text)
                          : serialise (value);
  GVariant *entry = g_variant_new_dict_entry (g_variant_new_string (RUNCONF_GSETTINGS_ESCAPE_KEY),
                                              g_variant_new_variant (content));

  return g_variant_new_array (NULL, &entry, 1);
}

/**
 * runconf_gsettings_find_escape:
 *
 * Returns: (transfer full) (nullable): the text or the bytes, if @form is an escape
 */
GVariant *
runconf_gsettings_find_escape (GVariant *form)
{
  g_autoptr (GVariant) content = NULL;

  if (!g_variant_is_of_type (form, G_VARIANT_TYPE_VARDICT) || g_variant_n_children (form) != 1)
    return NULL;

  content = g_variant_lookup_value (form, RUNCONF_GSETTINGS_ESCAPE_KEY, NULL);
  if (content == NULL
      || (!g_variant_is_of_type (content, G_VARIANT_TYPE_STRING)
          && !g_variant_is_of_type (content, G_VARIANT_TYPE_BYTESTRING)))
    return NULL;

  return g_steal_pointer (&content);
}

static void
set_error (const char *kind, const GVariantType *type, const char *problem, GError **error)
{
  g_autofree char *name = type != NULL ? g_variant_type_dup_string (type) : NULL;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
               "expected the %s of a GVariant%s%s, found %s", kind,
               name != NULL ? " of the type " : "", name != NULL ? name : "", problem);
}

static GVariant *
read_text (GVariant *content, const GVariantType *type, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autofree char *found = NULL;
  GVariant *value
      = g_variant_parse (type, g_variant_get_string (content, NULL), NULL, NULL, &problem);

  if (value != NULL)
    return value;

  found = g_strdup_printf ("a text with an error at %s", problem->message);
  set_error ("text", type, found, error);

  return NULL;
}

/* The form of a maybe can be that of its child, as in a text.
 *
 * Returns: (transfer full) (nullable): @value as a value of @type, or %NULL if it has another type
 */
static GVariant *
as_type (GVariant *value, const GVariantType *type)
{
  if (type == NULL || g_variant_is_of_type (value, type))
    return g_variant_ref (value);
  if (g_variant_type_is_maybe (type) && g_variant_is_of_type (value, g_variant_type_element (type)))
    return g_variant_ref_sink (g_variant_new_maybe (NULL, value));

  return NULL;
}

static GVariant *
read_bytes (GVariant *content, const GVariantType *type, GError **error)
{
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (content);
  g_autoptr (GVariant) stored
      = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARIANT, bytes, FALSE));
  g_autoptr (GVariant) boxed = order_bytes (stored);
  g_autoptr (GVariant) stored_value = g_variant_get_variant (boxed);
  GVariant *value = g_variant_is_normal_form (boxed) ? as_type (stored_value, type) : NULL;

  if (value == NULL)
    set_error ("bytes", type, "other bytes", error);

  return value;
}

static GVariant *
read_content (GVariant *content, const GVariantType *type, GError **error)
{
  return g_variant_is_of_type (content, G_VARIANT_TYPE_STRING) ? read_text (content, type, error)
                                                               : read_bytes (content, type, error);
}

/**
 * runconf_gsettings_unescape:
 * @content: the text or the bytes of an escape
 * @type: (nullable): the type that the value has, or %NULL for the type that @content tells
 *
 * The angle brackets of a variant may be left out, unless its child is a variant, too.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL with %RUNCONF_ERROR_INVALID_VALUE
 */
GVariant *
runconf_gsettings_unescape (GVariant *content, const GVariantType *type, GError **error)
{
  g_autoptr (GVariant) child = NULL;

  if (type == NULL || !g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT))
    return read_content (content, type, error);

  child = read_content (content, NULL, error);
  if (child == NULL || g_variant_is_of_type (child, G_VARIANT_TYPE_VARIANT))
    return g_steal_pointer (&child);

  return g_variant_ref_sink (g_variant_new_variant (child));
}
