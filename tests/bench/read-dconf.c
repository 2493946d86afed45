/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dconf.h>
#include <stdlib.h>

#include "read.h"

/* dconf_client_read() of the same paths, which it writes first. */

static void
write_leaves (DConfClient *client, guint n_leaves)
{
  g_autoptr (DConfChangeset) changes = dconf_changeset_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_leaves; i++)
    {
      BenchPath path;

      bench_path_init (path, i);
      dconf_changeset_set (changes, path, g_variant_new_int32 (1));
    }
  dconf_client_change_sync (client, changes, NULL, NULL, &error);
  bench_check (error, "dconf_client_change_sync");
}

static gint64
read_leaf (DConfClient *client, const char *path)
{
  g_autoptr (GVariant) value = dconf_client_read (client, path);

  return g_variant_get_int32 (value);
}

int
main (int argc, char **argv)
{
  g_autoptr (DConfClient) client = NULL;
  BenchOrder order;
  guint n_leaves;

  if (argc != 3)
    {
      g_printerr ("usage: bench-read-dconf LEAVES ROUNDS\n");
      return EXIT_FAILURE;
    }
  n_leaves = bench_parse_count (argv[1]);
  bench_order_init (&order, n_leaves);
  client = dconf_client_new ();
  write_leaves (client, n_leaves);
  bench_measure_reads (&order, bench_parse_count (argv[2]), "dconf", read_leaf (client, path));
  return EXIT_SUCCESS;
}
