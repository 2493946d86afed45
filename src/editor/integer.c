/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/integer.h"

/* the magnitude of the lowest integer */
#define LOWEST ((guint64) G_MAXINT64 + 1)

/* The nearest integer that a configuration can have. */
static EditorInteger
make (gboolean is_negative, guint64 magnitude)
{
  EditorInteger number = { is_negative && magnitude != 0, magnitude };

  if (is_negative)
    number.magnitude = MIN (magnitude, LOWEST);

  return number;
}

/* Returns: whether the value is an integer */
gboolean
editor_integer_read (GVariant *value, EditorInteger *integer)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    *integer = make (FALSE, g_variant_get_uint64 (value));
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    {
      gint64 number = g_variant_get_int64 (value);

      *integer = make (number < 0, number < 0 ? 0 - (guint64) number : (guint64) number);
    }
  else
    return FALSE;

  return TRUE;
}

/* @number: a whole number; one beyond all integers is the last of them */
EditorInteger
editor_integer_from_double (double number)
{
  double magnitude = number < 0 ? -number : number;

  return make (number < 0, magnitude < 0x1p64 ? (guint64) magnitude : G_MAXUINT64);
}

/* Returns: the sum, or the last integer before it */
EditorInteger
editor_integer_add (EditorInteger a, EditorInteger b)
{
  guint64 sum;

  if (a.is_negative != b.is_negative)
    return a.magnitude < b.magnitude ? make (b.is_negative, b.magnitude - a.magnitude)
                                     : make (a.is_negative, a.magnitude - b.magnitude);

  return make (a.is_negative,
               g_uint64_checked_add (&sum, a.magnitude, b.magnitude) ? sum : G_MAXUINT64);
}

static gboolean
is_less (EditorInteger a, EditorInteger b)
{
  if (a.is_negative != b.is_negative)
    return a.is_negative;

  return a.is_negative ? a.magnitude > b.magnitude : a.magnitude < b.magnitude;
}

EditorInteger
editor_integer_clamp (EditorInteger number, EditorInteger lowest, EditorInteger highest)
{
  if (is_less (number, lowest))
    return lowest;

  return is_less (highest, number) ? highest : number;
}

/* Returns: (transfer floating): the number as a value of a configuration */
GVariant *
editor_integer_to_variant (EditorInteger number)
{
  if (number.is_negative)
    return g_variant_new_int64 ((gint64) (0 - number.magnitude));

  return number.magnitude <= G_MAXINT64 ? g_variant_new_int64 ((gint64) number.magnitude)
                                        : g_variant_new_uint64 (number.magnitude);
}
