/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/splice.h"

typedef struct
{
  gsize start;
  gsize end;
  guint order;
  gsize by; /* the offset of the replacement in the replacements */
  gsize length;
} Piece;

struct _RunconfSplice
{
  const RunconfText *text;
  GArray *pieces;        /* of Piece */
  GString *replacements; /* one after the other */
};

/* An insertion at an offset is applied before a replacement that starts there. */
static int
piece_compare (gconstpointer a, gconstpointer b)
{
  const Piece *one = a;
  const Piece *other = b;

  if (one->start != other->start)
    return one->start < other->start ? -1 : 1;
  if ((one->end == one->start) != (other->end == other->start))
    return one->end == one->start ? -1 : 1;

  return one->order < other->order ? -1 : 1;
}

/**
 * runconf_splice_new:
 * @text: the text; it has to outlive the splice
 *
 * Returns: (transfer full): an empty splice, which changes nothing
 */
RunconfSplice *
runconf_splice_new (const RunconfText *text)
{
  RunconfSplice *self = g_new0 (RunconfSplice, 1);

  self->text = text;
  self->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  self->replacements = g_string_new (NULL);

  return self;
}

void
runconf_splice_free (RunconfSplice *self)
{
  g_array_unref (self->pieces);
  g_string_free (self->replacements, TRUE);
  g_free (self);
}

/**
 * runconf_splice_replace:
 * @start: the offset of the first byte
 * @end: the offset after the last byte
 * @by: the replacement, of @length bytes
 *
 * Nothing is replaced by nothing: that is no piece.
 */
void
runconf_splice_replace (RunconfSplice *self, gsize start, gsize end, const char *by, gsize length)
{
  const Piece piece = { start, end, self->pieces->len, self->replacements->len, length };

  if (start == end && length == 0)
    return;

  g_string_append_len (self->replacements, by, (gssize) length);
  g_array_append_val (self->pieces, piece);
}

void
runconf_splice_remove (RunconfSplice *self, gsize start, gsize end)
{
  if (start < end)
    runconf_splice_replace (self, start, end, "", 0);
}

void
runconf_splice_insert (RunconfSplice *self, gsize offset, const GString *what)
{
  runconf_splice_replace (self, offset, offset, what->str, what->len);
}

/**
 * runconf_splice_is_empty:
 *
 * Returns: whether there are no replacements
 */
gboolean
runconf_splice_is_empty (const RunconfSplice *self)
{
  return self->pieces->len == 0;
}

/**
 * runconf_splice_has_insertion:
 *
 * Returns: whether there is an insertion at @offset
 */
gboolean
runconf_splice_has_insertion (const RunconfSplice *self, gsize offset)
{
  for (guint i = 0; i < self->pieces->len; i++)
    {
      const Piece *piece = &g_array_index (self->pieces, Piece, i);

      if (piece->start == offset && piece->end == offset)
        return TRUE;
    }

  return FALSE;
}

/**
 * runconf_splice_touches:
 *
 * Returns: whether any byte from @start to @end is replaced
 */
gboolean
runconf_splice_touches (const RunconfSplice *self, gsize start, gsize end)
{
  for (guint i = 0; i < self->pieces->len; i++)
    {
      const Piece *piece = &g_array_index (self->pieces, Piece, i);

      if (piece->start < end && piece->end >= start)
        return TRUE;
    }

  return FALSE;
}

/**
 * runconf_splice_apply:
 *
 * Returns: (transfer full): the new text
 */
GBytes *
runconf_splice_apply (RunconfSplice *self)
{
  g_autoptr (GString) out = g_string_sized_new (self->text->length + 256);
  gsize at = 0;

  g_array_sort (self->pieces, piece_compare);
  for (guint i = 0; i < self->pieces->len; i++)
    {
      const Piece *piece = &g_array_index (self->pieces, Piece, i);

      if (piece->start > at)
        g_string_append_len (out, self->text->data + at, piece->start - at);
      g_string_append_len (out, self->replacements->str + piece->by, (gssize) piece->length);
      at = MAX (at, piece->end);
    }
  g_string_append_len (out, self->text->data + at, self->text->length - at);

  return g_string_free_to_bytes (g_steal_pointer (&out));
}
