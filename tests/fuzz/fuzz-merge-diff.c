/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "core/diff.h"
#include "core/merge.h"

/* The laws of merge and diff, for two trees: their texts, with a NUL between them. */

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  FuzzInput input = { data, size };
  g_autoptr (RunconfNode) a = fuzz_take_tree (&input);
  g_autoptr (RunconfNode) b = fuzz_take_tree (&input);
  g_autoptr (RunconfNode) base = NULL;
  g_autoptr (RunconfNode) merged = NULL;
  g_autoptr (RunconfNode) twice = NULL;
  g_autoptr (RunconfNode) applied = NULL;
  g_autoptr (GPtrArray) deltas = NULL;
  g_autoptr (GPtrArray) nothing = NULL;
  g_autoptr (GPtrArray) paths = NULL;
  g_autofree char *prefix = NULL;

  if (a == NULL || b == NULL)
    return 0;

  deltas = runconf_diff (a, b);
  FUZZ_LAW ((deltas->len == 0) == runconf_node_equal (a, b), NULL);
  applied = runconf_diff_apply (a, deltas);
  FUZZ_LAW (runconf_node_equal (applied, b), NULL);
  nothing = runconf_diff (b, applied);
  FUZZ_LAW (nothing->len == 0, NULL);

  base = runconf_merge (NULL, a);
  FUZZ_LAW (!runconf_node_has_tags (base), NULL);
  merged = runconf_merge (base, b);
  twice = runconf_merge (merged, b);
  FUZZ_LAW (runconf_node_equal (merged, twice), NULL);

  paths = runconf_diff_get_paths (deltas, 8);
  if (paths->len > 0)
    {
      prefix = runconf_paths_get_prefix (paths);
      FUZZ_LAW (g_str_has_suffix (prefix, "/"), NULL);
    }

  return 0;
}
