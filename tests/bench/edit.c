/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/rewrite.h"

#include <stdlib.h>

#include "core/edit.h"
#include "core/path.h"

#include "common.h"

/* What a change of one leaf costs before the disk: the text changed in place, read and compared,
 * against reading that text. The trees share all but the way to the leaf, as they do in the daemon,
 * where the overrides in force are those of the last text, read once more.
 */
int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (RunconfPath) path = NULL;
  g_autoptr (RunconfDocument) document = NULL;
  g_autoptr (RunconfNode) root = NULL;
  BenchSamples read, edit;
  char *contents;
  gsize length;
  guint rounds;

  if (argc != 4)
    {
      g_printerr ("usage: bench-edit FILE PATH ROUNDS\n");
      return EXIT_FAILURE;
    }
  g_file_get_contents (argv[1], &contents, &length, &error);
  bench_check (error, argv[1]);
  text = g_bytes_new_take (contents, length);
  path = runconf_path_new (argv[2], &error);
  bench_check (error, argv[2]);
  rounds = bench_parse_count (argv[3]);
  document = runconf_document_new (text, argv[1], &error);
  bench_check (error, argv[1]);
  root = runconf_node_ref (runconf_document_get_root (document));

  bench_samples_init (&read, "read");
  bench_samples_init (&edit, "edit");
  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (RunconfDocument) again = NULL;
      g_autoptr (RunconfDocument) changed = NULL;
      g_autoptr (RunconfNode) value = runconf_node_new_integer (1000000 + i);
      RunconfNode *next = runconf_edit_set (root, path, 0, value);
      RunconfRewriteScope scope;
      gint64 start = bench_now ();

      again = runconf_document_new (runconf_document_get_text (document), argv[1], &error);
      bench_samples_add (&read, bench_now () - start);
      bench_check (error, "runconf_document_new");

      start = bench_now ();
      changed = runconf_rewrite (document, next, argv[1], &scope, &error);
      bench_samples_add (&edit, bench_now () - start);
      bench_check (error, "runconf_rewrite");
      if (scope != RUNCONF_REWRITE_IN_PLACE)
        {
          g_printerr ("the text wasn't changed in place\n");
          return EXIT_FAILURE;
        }

      runconf_node_unref (root);
      root = next;
      runconf_document_unref (document);
      document = g_steal_pointer (&changed);
    }
  bench_samples_finish (&read);
  bench_samples_finish (&edit);
  return EXIT_SUCCESS;
}
