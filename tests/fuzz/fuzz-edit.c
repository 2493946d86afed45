/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "core/error.h"
#include "core/mapping.h"
#include "yaml/rewrite.h"

/* A text that is changed in place means what it should, whatever it looks like.
 *
 *   one byte   how many operations
 *   4 bytes    each: what it does, where, with which key and which value
 *   the rest   the text
 */

#define MAX_OPERATIONS 6

static gboolean
is_strict (void)
{
  return g_getenv ("RUNCONF_FUZZ_IN_PLACE") != NULL;
}

static RunconfDocument *
rewrite (RunconfDocument *base, const RunconfNode *root)
{
  g_autoptr (GError) error = NULL;
  RunconfRewriteScope scope;
  RunconfDocument *document = runconf_rewrite (base, root, "text", &scope, &error);

  if (document == NULL)
    {
      FUZZ_LAW (g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE),
                runconf_document_get_text (base));
      return NULL;
    }

  FUZZ_LAW (runconf_node_equal (runconf_document_get_root (document), root),
            runconf_document_get_text (document));
  if (is_strict () && scope != RUNCONF_REWRITE_IN_PLACE)
    {
      g_printerr ("---- scope %d, from\n%.*s\n---- to\n", scope,
                  (int) g_bytes_get_size (runconf_document_get_text (base)),
                  (const char *) g_bytes_get_data (runconf_document_get_text (base), NULL));
      FUZZ_LAW (scope == RUNCONF_REWRITE_IN_PLACE, runconf_document_get_text (document));
    }

  return document;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  FuzzInput input = { data, size };
  guint n_operations = 1 + fuzz_take_byte (&input) % MAX_OPERATIONS;
  FuzzInput operations = input;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (RunconfDocument) base = NULL;
  g_autoptr (RunconfDocument) same = NULL;
  g_autoptr (RunconfDocument) changed = NULL;
  g_autoptr (RunconfDocument) back = NULL;
  g_autoptr (RunconfNode) defaults = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) root = NULL;

  if (input.size < 4 * n_operations)
    return 0;
  input.data += 4 * n_operations;
  input.size -= 4 * n_operations;
  text = g_bytes_new (input.data, input.size);
  base = runconf_document_new (text, "text", NULL);
  if (base == NULL)
    return 0;

  same = rewrite (base, runconf_document_get_root (base));
  FUZZ_LAW (same == base, runconf_document_get_text (same));

  root = runconf_node_ref (runconf_document_get_root (base));
  for (guint i = 0; i < n_operations; i++)
    {
      g_autoptr (RunconfNode) before = g_steal_pointer (&root);

      root = fuzz_apply_operation (&operations, defaults, before);
    }

  changed = rewrite (base, root);
  if (changed != NULL)
    back = rewrite (changed, runconf_document_get_root (base));

  return 0;
}
