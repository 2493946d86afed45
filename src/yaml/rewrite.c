/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/rewrite.h"

#include "core/error.h"
#include "core/limits.h"
#include "core/mapping.h"
#include "yaml/compose.h"
#include "yaml/rewriter.h"
#include "yaml/span.h"

/* Changes a text in place, and proves the result.
 *
 * Only parsing shows the tree that a text yields. So each new text is parsed before it is used,
 * which costs no more than its readers pay anyway, and compared with the expected tree.
 *
 * A text can be laid out in more ways than the rewriter can foresee. If the new text yields another
 * tree, or is invalid, the node that differs is written anew with everything below it, and the text
 * is parsed once more; next the collection around that node, and so on. The last resort is to write
 * the whole document anew.
 */

#define MAX_ATTEMPTS 12

/* The path to a node as span indices, from the root on. */
typedef struct
{
  const RunconfSpan *spans;
  GHashTable *fresh; /* the indices of the spans that are written anew */
  guint way[RUNCONF_MAX_SEGMENTS + 1];
  guint length;
  gboolean is_marked;
} Marker;

/* Marks the deepest node on the path that isn't marked yet. The root is never marked:
 * runconf_compose() replaces it by writing the whole document.
 */
static void
mark_way (Marker *self)
{
  for (guint i = self->length; i > 0; i--)
    {
      if (g_hash_table_add (self->fresh, GUINT_TO_POINTER (self->way[i])))
        {
          self->is_marked = TRUE;
          return;
        }
    }
}

static void mark_differences (Marker *self, guint span, const RunconfNode *base,
                              const RunconfNode *is, const RunconfNode *should_be);

static void
mark_child (Marker *self, guint span, const RunconfNode *base, const RunconfNode *is,
            const RunconfNode *should_be)
{
  self->way[++self->length] = span;
  mark_differences (self, span, base, is, should_be);
  self->length--;
}

static gboolean
is_known (const RunconfNode *base, const char *key, guint n_pairs)
{
  for (guint i = 0; i < n_pairs; i++)
    {
      if (g_str_equal (runconf_mapping_get_key (base, i, NULL), key))
        return TRUE;
    }

  return FALSE;
}

/* Returns: whether @is has a key that @should_be lacks and that isn't written in the mapping */
static gboolean
has_surplus (const RunconfNode *base, guint n_pairs, const RunconfNode *is,
             const RunconfNode *should_be)
{
  for (guint i = 0; i < runconf_node_get_length (is); i++)
    {
      const char *key = runconf_mapping_get_key (is, i, NULL);

      if (runconf_mapping_get (should_be, key) == NULL && !is_known (base, key, n_pairs))
        return TRUE;
    }

  return FALSE;
}

/* Returns: whether the two differ in a key of @should_be that isn't written in the mapping */
static gboolean
has_other_difference (const RunconfNode *base, guint n_pairs, const RunconfNode *is,
                      const RunconfNode *should_be)
{
  for (guint i = 0; i < runconf_node_get_length (should_be); i++)
    {
      const char *key = runconf_mapping_get_key (should_be, i, NULL);
      const RunconfNode *value = runconf_mapping_get (is, key);

      if ((value == NULL || !runconf_node_equal (value, runconf_node_get_child (should_be, i)))
          && !is_known (base, key, n_pairs))
        return TRUE;
    }

  return has_surplus (base, n_pairs, is, should_be);
}

static void
mark_pairs (Marker *self, guint span, const RunconfNode *base, const RunconfNode *is,
            const RunconfNode *should_be)
{
  guint n_pairs = runconf_spans_count_pairs (self->spans, span);
  gboolean is_here = has_other_difference (base, n_pairs, is, should_be);

  for (guint i = 0; i < n_pairs; i++)
    {
      const char *key = runconf_mapping_get_key (base, i, NULL);
      const RunconfNode *left = runconf_mapping_get (is, key);
      const RunconfNode *right = runconf_mapping_get (should_be, key);

      if (left != NULL && right != NULL && runconf_node_equal (left, right))
        continue;
      if (left != NULL && right != NULL)
        mark_child (self, self->spans[runconf_spans_find_pair (self->spans, span, i)].next,
                    runconf_node_get_child (base, i), left, right);
      else
        is_here |= left != right;
    }

  if (is_here)
    mark_way (self);
}

static void
mark_items (Marker *self, guint span, const RunconfNode *base, const RunconfNode *is,
            const RunconfNode *should_be)
{
  guint item = span + 1;

  for (guint i = 0; i < runconf_node_get_length (base); i++, item = self->spans[item].next)
    mark_child (self, item, runconf_node_get_child (base, i), runconf_node_get_child (is, i),
                runconf_node_get_child (should_be, i));
}

static gboolean
have_kind (RunconfKind kind, const RunconfNode *a, const RunconfNode *b)
{
  return runconf_node_get_kind (a) == kind && runconf_node_get_kind (b) == kind
         && runconf_node_is_replacing (a) == runconf_node_is_replacing (b);
}

static gboolean
have_length (guint length, const RunconfNode *a, const RunconfNode *b)
{
  return runconf_node_get_length (a) == length && runconf_node_get_length (b) == length;
}

/* Marks the nodes whose value in the new text is not the expected one. */
static void
mark_differences (Marker *self, guint span, const RunconfNode *base, const RunconfNode *is,
                  const RunconfNode *should_be)
{
  RunconfKind kind = runconf_node_get_kind (base);
  gboolean is_alias = self->spans[span].kind == RUNCONF_SPAN_ALIAS;

  if (runconf_node_equal (is, should_be))
    return;

  if (!is_alias && kind == RUNCONF_KIND_MAPPING && have_kind (kind, is, should_be))
    mark_pairs (self, span, base, is, should_be);
  else if (!is_alias && kind == RUNCONF_KIND_SEQUENCE && have_kind (kind, is, should_be)
           && have_length (runconf_node_get_length (base), is, should_be))
    mark_items (self, span, base, is, should_be);
  else
    mark_way (self);
}

/* Marks the nodes to write anew, after a text yielded @is instead of @should_be. Without @is, marks
 * all nodes that were to be changed.
 * Returns: whether there was a node left to mark
 */
static gboolean
mark (RunconfDocument *base, const RunconfNode *is, const RunconfNode *should_be, GHashTable *fresh)
{
  const RunconfNode *root = runconf_document_get_root (base);
  Marker marker = { .fresh = fresh };
  guint n_spans;

  marker.spans = runconf_document_get_spans (base, &n_spans);
  if (n_spans > 0)
    mark_differences (&marker, 0, root, is != NULL ? is : root, should_be);

  return marker.is_marked;
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
 * @root: the mapping that the new text has to yield
 * @name: the name of the new text in messages
 * @scope: (out): the extent of the change
 *
 * Changes a text so that it yields another tree. Comments, order, quotes, blank lines, line breaks
 * and all other unaffected parts stay as they are, byte for byte.
 *
 * The new text is proved: it was parsed, and yields @root.
 *
 * Returns: (transfer full) (nullable): the new document, @base itself if there is nothing to
 *   change; or %NULL with %RUNCONF_ERROR_TOO_LARGE
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
      if (!mark (base, wrong != NULL ? runconf_document_get_root (wrong) : NULL, root, fresh))
        break;
    }

  *scope = RUNCONF_REWRITE_WHOLE;

  return runconf_compose (base, root, name, error);
}
