/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "core/merge.h"
#include "core/operation.h"

/* What MergeText does, for a patch, overrides and defaults: their texts, with a NUL between each. */

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  FuzzInput input = { data, size };
  g_autoptr (RunconfNode) patch = fuzz_take_tree (&input);
  g_autoptr (RunconfNode) overrides = fuzz_take_tree (&input);
  g_autoptr (RunconfNode) defaults = fuzz_take_tree (&input);
  g_autoptr (RunconfOperation) operation = NULL;
  g_autoptr (RunconfNode) once = NULL;
  g_autoptr (RunconfNode) twice = NULL;
  g_autoptr (GError) error = NULL;

  if (patch == NULL || overrides == NULL || defaults == NULL)
    return 0;

  operation = runconf_operation_new (RUNCONF_VERB_MERGE, "", patch, NULL);
  if (operation == NULL)
    return 0;
  once = runconf_operation_apply (operation, defaults, overrides, &error);
  FUZZ_LAW ((once == NULL) == (error != NULL), NULL);
  if (once == NULL)
    return 0;

  FUZZ_LAW (runconf_node_is_mapping (once), NULL);
  twice = runconf_operation_apply (operation, defaults, once, NULL);
  FUZZ_LAW (twice != NULL && runconf_node_equal (once, twice), NULL);

  return 0;
}
