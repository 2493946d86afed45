/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/small.h"

/* Most settings are booleans and small integers, which programs read again and again. To make and
 * free a GVariant takes ten times as long as to find its value.
 */
#define N_VALUES 256

enum
{
  BOOLEAN,
  INT32,
  UINT32,
  INT64,
  N_TYPES,
};

/* atomic; never freed */
static GVariant *made[N_TYPES][N_VALUES];

static GVariant *
make (guint type, guint value)
{
  switch (type)
    {
    case BOOLEAN:
      return g_variant_new_boolean (value != 0);
    case INT32:
      return g_variant_new_int32 ((gint32) value);
    case UINT32:
      return g_variant_new_uint32 (value);
    default:
      return g_variant_new_int64 (value);
    }
}

static GVariant *
get (guint type, guint value)
{
  GVariant *variant = g_atomic_pointer_get (&made[type][value]);
  GVariant *fresh;

  if (G_LIKELY (variant != NULL))
    return g_variant_ref (variant);

  fresh = g_variant_ref_sink (make (type, value));
  if (g_atomic_pointer_compare_and_exchange (&made[type][value], NULL, fresh))
    return g_variant_ref (fresh);

  g_variant_unref (fresh);

  return g_variant_ref (g_atomic_pointer_get (&made[type][value]));
}

/**
 * runconf_small_get:
 * @type: the type of a GVariant
 * @value: a boolean, or an integer of that type; a negative one is a large one here
 *
 * Returns: (transfer full) (nullable): the GVariant, which others have, too; %NULL for another type
 *   or a larger integer
 */
GVariant *
runconf_small_get (char type, guint64 value)
{
  if (value >= N_VALUES)
    return NULL;

  switch (type)
    {
    case 'b':
      return get (BOOLEAN, value != 0);
    case 'i':
      return get (INT32, (guint) value);
    case 'u':
      return get (UINT32, (guint) value);
    case 'x':
      return get (INT64, (guint) value);
    default:
      return NULL;
    }
}
