/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "read.h"

/* g_settings_get_int() of the same paths in dconf: an object for each group, as an application has
 * it. The keys of the schema are named like the leaves. */

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (g_object_unref);
  BenchOrder order;
  guint n_leaves;

  if (argc != 3)
    {
      g_printerr ("usage: bench-read-gsettings LEAVES ROUNDS\n");
      return EXIT_FAILURE;
    }
  n_leaves = bench_parse_count (argv[1]);
  bench_order_init (&order, n_leaves);
  for (guint i = 0; i < n_leaves / BENCH_LEAVES_PER_GROUP; i++)
    {
      g_autofree char *schema = g_strdup_printf ("org.runconf.bench.group%05u", i);

      g_ptr_array_add (groups, g_settings_new (schema));
    }
  bench_measure_reads (
      &order, bench_parse_count (argv[2]), "gsettings",
      g_settings_get_int (groups->pdata[strtoul (path + strlen ("/group"), NULL, 10)],
                          path + strlen ("/group00000/")));
  return EXIT_SUCCESS;
}
