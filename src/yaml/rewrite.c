/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/rewrite.h"

#include "core/diff.h"
#include "core/error.h"
#include "core/limits.h"
#include "core/mapping.h"
#include "yaml/compose.h"
#include "yaml/rewriter.h"
#include "yaml/span.h"

/* Proof
 *
 * What a text means, only reading it tells. So each new text is read before it is used, which costs
 * no more than its reader pays anyway, and compared with the tree that it is to mean.
 *
 * A text can be laid out in more ways than anybody thinks of. Where the new one means something
 * else, or nothing, the place where it does is written anew, with whatever is below it, and it is
 * read once more; next the collection around that place, and so on. At the end of this road stands
 * the whole document.
 */

#define MAX_ATTEMPTS 40

static gboolean
add_fresh (GHashTable *fresh, guint span)
{
  return g_hash_table_add (fresh, GUINT_TO_POINTER (span));
}

/* Steps to the value of a key or an item, as far as it is written there and not brought in. */
static gboolean
step (const RunconfSpan *spans, const RunconfNode **node, guint *span, const char *segment)
{
  guint position = 0;

  if (spans[*span].kind == RUNCONF_SPAN_ALIAS)
    return FALSE;

  if (!runconf_node_is_mapping (*node))
    {
      if (!runconf_path_parse_index (segment, &position)
          || position >= runconf_node_get_length (*node))
        return FALSE;
      *span = runconf_spans_find_item (spans, *span, position);
    }
  else
    {
      guint n_pairs = runconf_spans_count_pairs (spans, *span);

      while (position < n_pairs
             && !g_str_equal (runconf_mapping_get_key (*node, position, NULL), segment))
        position++;
      if (position == n_pairs)
        return FALSE;
      *span = spans[runconf_spans_find_pair (spans, *span, position)].next;
    }

  *node = runconf_node_get_child (*node, position);

  return TRUE;
}

/* Marks the deepest place on the way to @pointer that isn't marked yet. */
static gboolean
mark_path (RunconfDocument *base, const char *pointer, GHashTable *fresh)
{
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);
  const RunconfNode *node = runconf_document_get_root (base);
  guint n_spans, span = 0, length = 0;
  const RunconfSpan *spans = runconf_document_get_spans (base, &n_spans);
  guint way[RUNCONF_MAX_SEGMENTS + 1] = { 0 };

  if (path == NULL || n_spans == 0)
    return FALSE;

  while (length < runconf_path_get_length (path)
         && step (spans, &node, &span, runconf_path_get_segment (path, length)))
    way[++length] = span;

  for (guint i = length + 1; i > 1; i--)
    {
      if (add_fresh (fresh, way[i - 1]))
        return TRUE;
    }

  return FALSE;
}

/* Marks the places that differ between two trees. Returns whether there was one to mark. */
static gboolean
mark_differences (RunconfDocument *base, const RunconfNode *from, const RunconfNode *to,
                  GHashTable *fresh)
{
  g_autoptr (GPtrArray) deltas = runconf_diff (from, to);
  gboolean is_marked = FALSE;

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      is_marked |= mark_path (base, delta->path, fresh);
    }

  return is_marked;
}

static RunconfDocument *
read_again (GBytes *text, const RunconfNode *root, const char *name, RunconfDocument **wrong,
            GError **error)
{
  g_autoptr (RunconfDocument) document = runconf_document_new (text, name, error);

  if (document == NULL || runconf_node_equal (runconf_document_get_root (document), root))
    return g_steal_pointer (&document);

  *wrong = g_steal_pointer (&document);

  return NULL;
}

/**
 * runconf_rewrite:
 * @base: a document
 * @root: the mapping that its text is to mean
 * @name: what messages call the new text
 * @scope: (out): how much was written anew
 *
 * Changes a text so that it means another tree. Comments, order, quotes, blank lines, line ends and
 * whatever else isn't concerned stay as they are, byte for byte.
 *
 * The new text is proved: it was read, and means @root.
 *
 * Returns: (transfer full) (nullable): the new document, @base itself if there is nothing to change;
 *   or %NULL with %RUNCONF_ERROR_TOO_LARGE
 */
RunconfDocument *
runconf_rewrite (RunconfDocument *base, const RunconfNode *root, const char *name,
                 RunconfRewriteScope *scope, GError **error)
{
  g_autoptr (GHashTable) fresh = g_hash_table_new (NULL, NULL);

  *scope = RUNCONF_REWRITE_IN_PLACE;
  for (guint attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
      g_autoptr (GBytes) text = runconf_rewriter_run (base, root, attempt > 0 ? fresh : NULL);
      g_autoptr (RunconfDocument) document = NULL;
      g_autoptr (RunconfDocument) wrong = NULL;
      g_autoptr (GError) problem = NULL;

      if (text == runconf_document_get_text (base)
          && runconf_node_equal (runconf_document_get_root (base), root))
        return runconf_document_ref (base);

      document = read_again (text, root, name, &wrong, &problem);
      if (document != NULL)
        return g_steal_pointer (&document);
      if (g_error_matches (problem, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE))
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return NULL;
        }

      *scope = RUNCONF_REWRITE_AFRESH;
      if (!mark_differences (base,
                             wrong != NULL ? runconf_document_get_root (wrong)
                                           : runconf_document_get_root (base),
                             root, fresh))
        break;
    }

  *scope = RUNCONF_REWRITE_WHOLE;

  return runconf_compose (base, root, name, error);
}
