/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/document.h"

#include <string.h>

#include "core/mapping.h"
#include "yaml/reader.h"
#include "yaml/span.h"

struct _RunconfDocument
{
  gatomicrefcount ref_count;
  GBytes *text;
  RunconfNode *root;
  gboolean is_empty;
  RunconfSpan *spans;
  guint n_spans;
};

static RunconfDocument *
document_take (GBytes *text, RunconfNode *root, GArray *spans)
{
  RunconfDocument *self = g_new0 (RunconfDocument, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->text = g_bytes_ref (text);
  self->is_empty = root == NULL;
  self->root = root != NULL ? root : runconf_mapping_new_empty ();
  self->n_spans = spans->len;

  /* the array grew by doubling, and the document lives long: give the unused half back */
  self->spans = g_renew (RunconfSpan, g_array_free (spans, FALSE), self->n_spans);

  return self;
}

/**
 * runconf_document_new:
 * @text: UTF-8
 * @name: the name of the text in messages
 *
 * Parses a text whose root is a mapping. A text with no content, or with comments alone, is an
 * empty document with an empty mapping as its root.
 *
 * Error messages begin with `name:line:column: `.
 *
 * Returns: (transfer full) (nullable): the document, or %NULL with %RUNCONF_ERROR_INVALID_VALUE or
 *   %RUNCONF_ERROR_TOO_LARGE
 */
RunconfDocument *
runconf_document_new (GBytes *text, const char *name, GError **error)
{
  return runconf_document_new_locating (text, name, NULL, error);
}

static RunconfDocument *
read_document (GBytes *text, RunconfText source, GError **error)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (RunconfSpan));
  g_autoptr (RunconfNode) root = NULL;

  source.data = g_bytes_get_data (text, &source.length);
  if (source.data == NULL)
    source.data = "";

  if (!runconf_reader_read (&source, &root, spans, error))
    return NULL;

  if (root != NULL && !runconf_node_is_mapping (root))
    {
      runconf_text_fail (&source, g_array_index (spans, RunconfSpan, 0).start,
                         RUNCONF_ERROR_INVALID_VALUE, error,
                         "the text is of type %s; a configuration is a mapping, “key: value”",
                         runconf_node_get_kind_name (root));
      return NULL;
    }

  return document_take (text, g_steal_pointer (&root), g_steal_pointer (&spans));
}

/**
 * runconf_document_new_locating:
 * @position: (nullable): set, atomically, to the number of characters read so far
 *
 * The same as runconf_document_new(), for texts that are long enough to need a progress display.
 *
 * Returns: (transfer full) (nullable): the document, or %NULL with an error
 */
RunconfDocument *
runconf_document_new_locating (GBytes *text, const char *name, gint *position, GError **error)
{
  return read_document (text, (RunconfText){ .name = name, .position = position }, error);
}

/**
 * runconf_document_new_within:
 * @max_nodes: the largest number of values in the tree, with the nodes behind aliases counted each
 *   time
 *
 * The same as runconf_document_new(), with a lower limit: its time and memory are proportional to
 * the length of the text plus the limit.
 *
 * Returns: (transfer full) (nullable): the document, or %NULL with an error
 */
RunconfDocument *
runconf_document_new_within (GBytes *text, const char *name, guint max_nodes, GError **error)
{
  return read_document (text, (RunconfText){ .name = name, .max_nodes = max_nodes }, error);
}

RunconfDocument *
runconf_document_ref (RunconfDocument *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
runconf_document_unref (RunconfDocument *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_bytes_unref (self->text);
  runconf_node_unref (self->root);
  g_free (self->spans);
  g_free (self);
}

/**
 * runconf_document_get_text:
 *
 * Returns: (transfer none): the bytes of the text
 */
GBytes *
runconf_document_get_text (RunconfDocument *self)
{
  return self->text;
}

/**
 * runconf_document_get_root:
 *
 * Returns: (transfer none): the root of the tree
 */
const RunconfNode *
runconf_document_get_root (RunconfDocument *self)
{
  return self->root;
}

/**
 * runconf_document_is_empty:
 *
 * Returns: whether the text has no content, or comments alone
 */
gboolean
runconf_document_is_empty (RunconfDocument *self)
{
  return self->is_empty;
}

/**
 * runconf_document_get_spans:
 * @n_spans: (out): the number of spans
 *
 * Returns: (transfer none) (array length=n_spans) (nullable): the positions of all nodes, the root
 *   first; %NULL if the document is empty
 */
const RunconfSpan *
runconf_document_get_spans (RunconfDocument *self, guint *n_spans)
{
  *n_spans = self->n_spans;

  return self->spans;
}

static gboolean
find_key (const RunconfNode *mapping, const char *key, guint *position)
{
  for (guint i = 0; i < runconf_node_get_length (mapping); i++)
    {
      if (strcmp (runconf_mapping_get_key (mapping, i, NULL), key) == 0)
        {
          *position = i;
          return TRUE;
        }
    }

  return FALSE;
}

/* Steps from a node and its span to the child called @segment. A pair from a merge key has no span
 * of its own: its position is that of the merge key's value.
 */
static gboolean
step (const RunconfSpan *spans, const char *segment, const RunconfNode **node, guint *span,
      gboolean *is_elsewhere)
{
  gboolean is_mapping = runconf_node_is_mapping (*node);
  guint position;

  if (is_mapping ? !find_key (*node, segment, &position)
                 : !runconf_path_parse_index (segment, &position)
                       || position >= runconf_node_get_length (*node))
    return FALSE;

  *node = runconf_node_get_child (*node, position);
  if (*is_elsewhere)
    return TRUE;

  if (!is_mapping)
    {
      *span = runconf_spans_find_item (spans, *span, position);
    }
  else if (position < runconf_spans_count_pairs (spans, *span))
    {
      *span = spans[runconf_spans_find_pair (spans, *span, position)].next;
    }
  else
    {
      *span = spans[runconf_spans_find_merge (spans, *span)].next;
      *is_elsewhere = TRUE;
    }

  if (spans[*span].kind == RUNCONF_SPAN_ALIAS)
    *is_elsewhere = TRUE;

  return TRUE;
}

/**
 * runconf_document_locate:
 * @path: the path of the value
 * @line: (out): from 1
 * @column: (out): from 1, in characters
 *
 * Finds the position of a value in the text. A value that is reached through an alias or a merge
 * key has the position of the alias, or of the merge key's value, since the path gets it from
 * there.
 *
 * Returns: %FALSE if there is no value at @path
 */
gboolean
runconf_document_locate (RunconfDocument *self, const RunconfPath *path, guint *line, guint *column)
{
  const RunconfNode *node = self->root;
  gboolean is_elsewhere = FALSE;
  RunconfText text = { 0 };
  guint span = 0;

  if (self->is_empty)
    return FALSE;

  for (guint i = 0; i < runconf_path_get_length (path); i++)
    {
      if (!step (self->spans, runconf_path_get_segment (path, i), &node, &span, &is_elsewhere))
        return FALSE;
    }

  text.data = g_bytes_get_data (self->text, &text.length);
  runconf_text_get_position (&text, self->spans[span].start, line, column);

  return TRUE;
}

/**
 * runconf_read_value:
 * @text: UTF-8
 * @length: its length in bytes, or -1 if a NUL ends it
 * @name: the name of the text in messages
 *
 * Parses a text whose root may be of any type, such as an argument of a command line. A text with
 * no content is null.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL with %RUNCONF_ERROR_INVALID_VALUE or
 *   %RUNCONF_ERROR_TOO_LARGE
 */
RunconfNode *
runconf_read_value (const char *text, gssize length, const char *name, GError **error)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (RunconfSpan));
  RunconfText source = { .name = name, .data = text };
  RunconfNode *root;

  source.length = length < 0 ? strlen (text) : (gsize) length;
  if (!runconf_reader_read (&source, &root, spans, error))
    return NULL;

  return root != NULL ? root : runconf_node_new_null ();
}
