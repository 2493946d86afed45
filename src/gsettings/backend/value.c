/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/backend/value.h"

#include <string.h>

#include "core/small.h"
#include "gsettings/form/form.h"

/* Returns: (nullable): the integer in the type of a key, which may be floating, %NULL if this isn't
 *   easy
 */
static GVariant *
make_large_integer (gint64 integer, char type)
{
  switch (type)
    {
    case 'i':
      return integer >= G_MININT32 && integer <= G_MAXINT32 ? g_variant_new_int32 ((gint32) integer)
                                                            : NULL;
    case 'u':
      return integer >= 0 && integer <= G_MAXUINT32 ? g_variant_new_uint32 ((guint32) integer)
                                                    : NULL;
    case 't':
      return integer >= 0 ? g_variant_new_uint64 ((guint64) integer) : NULL;
    case 'd':
      return g_variant_new_double ((double) integer);
    default:
      return NULL;
    }
}

static GVariant *
make_integer (gint64 integer, char type)
{
  GVariant *small = type != 'b' ? runconf_small_get (type, (guint64) integer) : NULL;

  return small != NULL ? small : make_large_integer (integer, type);
}

/* Most keys have a scalar, whose form often is the value. */
static gboolean
is_same (char found, char wanted)
{
  return found == wanted && (found == 'b' || found == 's' || found == 'x' || found == 'd');
}

/* The type is known: g_variant_get_int64() would check it again, for a third of the time of a read. */
static gint64
get_integer (GVariant *form)
{
  gint64 integer;

  memcpy (&integer, g_variant_get_data (form), sizeof integer);

  return integer;
}

/**
 * runconf_backend_value_new:
 * @form: a value of the configuration
 * @type: the type of a key
 *
 * Returns: (nullable): the value of the key, which may be floating, or %NULL with an error if @form
 *   doesn't fit
 */
GVariant *
runconf_backend_value_new (GVariant *form, const GVariantType *type, GError **error)
{
  char found = *g_variant_get_type_string (form);
  char wanted = *g_variant_type_peek_string (type);
  GVariant *value = NULL;

  if (is_same (found, wanted))
    return g_variant_ref (form);
  if (found == 'x')
    value = make_integer (get_integer (form), wanted);

  return value != NULL ? value : runconf_gsettings_unpack (form, type, error);
}
