/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/row-array.h"

#include <string.h>

/* An array of rows, each of which is %NULL until it is made. */

static void
free_row (gpointer row)
{
  g_clear_object (&row);
}

/* Returns: (transfer full) (element-type GObject): rows that aren't made yet */
GPtrArray *
editor_row_array_new (guint length)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func (free_row);

  g_ptr_array_set_size (rows, (int) length);

  return rows;
}

/* Puts new rows in the place of others. The time depends on the length of the array, not on its product
 * with the number of new rows as with single insertions.
 */
void
editor_row_array_splice (GPtrArray *rows, guint begin, guint n_removed, guint n_added)
{
  guint n_after;

  if (n_removed > 0)
    g_ptr_array_remove_range (rows, begin, n_removed);
  n_after = rows->len - begin;
  g_ptr_array_set_size (rows, (int) (rows->len + n_added));

  memmove (rows->pdata + begin + n_added, rows->pdata + begin, n_after * sizeof (gpointer));
  memset (rows->pdata + begin, 0, n_added * sizeof (gpointer));
}
