/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/equal.h"

/* @a: (nullable): a value, or none
 * @b: (nullable): another one, or none
 *
 * Returns: whether both are the same, or none
 */
gboolean
editor_equal (GVariant *a, GVariant *b)
{
  return a == b || (a != NULL && b != NULL && g_variant_equal (a, b));
}
