/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/exact.h"

#include <string.h>

#include "yaml/document.h"
#include "yaml/reader.h"

/* Parses a text of which every part has to count, such as an argument of a command line. The author
 * of a file writes YAML and sees its meaning. But an argument is often text in another language:
 * YAML parses parts of it as a comment, a marker or nothing at all, without an error that could be
 * reported.
 */

typedef struct
{
  RunconfText text;
  GArray *spans; /* (element-type RunconfSpan) */
  RunconfNode *root;
  RunconfLossKind kind;
  gsize offset;
} Exact;

static const RunconfSpan *
get_span (const Exact *self, guint index)
{
  return &g_array_index (self->spans, RunconfSpan, index);
}

static gboolean
lose (Exact *self, RunconfLossKind kind, gsize offset)
{
  self->kind = kind;
  self->offset = offset;

  return FALSE;
}

static gboolean
is_block_scalar (const RunconfSpan *span)
{
  return span->style == RUNCONF_STYLE_LITERAL || span->style == RUNCONF_STYLE_FOLDED;
}

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Returns: the number of bytes of white space from @start on */
static gsize
count_space (const Exact *self, gsize start, gsize end)
{
  gsize p = start;

  while (p < end && is_space (self->text.data[p]))
    p++;

  return p - start;
}

static gsize
find_line_end (const Exact *self, gsize start, gsize end)
{
  gsize p = start;

  while (p < end && self->text.data[p] != '\n' && self->text.data[p] != '\r')
    p++;

  return p;
}

/* Returns: where the part of a span begins in which a `#` doesn't start a comment */
static gsize
find_covered (const Exact *self, const RunconfSpan *span)
{
  gsize content = span->start + span->properties;

  if (span->kind == RUNCONF_SPAN_ALIAS)
    return span->start;
  if (span->kind != RUNCONF_SPAN_SCALAR)
    return span->end;

  return is_block_scalar (span) ? find_line_end (self, content, span->end) : content;
}

/* A `#` outside of scalars and keys starts a comment. */
static gboolean
check_comments (Exact *self)
{
  const char *data = self->text.data;
  gsize covered = 0;

  for (guint i = 0; i <= self->spans->len; i++)
    {
      gboolean is_end = i == self->spans->len;
      gsize start = is_end ? self->text.length : find_covered (self, get_span (self, i));
      gsize end = is_end ? self->text.length : get_span (self, i)->end;
      const char *mark;

      if (start >= end && !is_end)
        continue;
      mark = covered < start ? memchr (data + covered, '#', start - covered) : NULL;
      if (mark != NULL)
        return lose (self, self->root == NULL ? RUNCONF_LOSS_ALL : RUNCONF_LOSS_COMMENT,
                     (gsize) (mark - data));
      covered = MAX (covered, end);
    }

  return TRUE;
}

static gboolean
has_alias_behind (const Exact *self, guint index)
{
  for (guint i = index + 1; i < self->spans->len; i++)
    {
      if (get_span (self, i)->kind == RUNCONF_SPAN_ALIAS)
        return TRUE;
    }

  return FALSE;
}

static gboolean
check_properties (Exact *self, guint index, gboolean *has_alias)
{
  const RunconfSpan *span = get_span (self, index);

  for (gsize p = span->start; p < span->start + span->properties; p++)
    {
      gboolean is_first = p == span->start || is_space (self->text.data[p - 1]);
      gboolean is_last = p + 1 == self->text.length || is_space (self->text.data[p + 1]);

      if (is_first && is_last && self->text.data[p] == '!')
        return lose (self, RUNCONF_LOSS_TAG, p);
      if (!is_first || self->text.data[p] != '&')
        continue;
      /* where this is FALSE, an earlier anchor has searched the rest of the text already */
      *has_alias = *has_alias && has_alias_behind (self, index);
      if (!*has_alias)
        return lose (self, RUNCONF_LOSS_ANCHOR, p);
    }

  return TRUE;
}

static gboolean
check_block (Exact *self, const RunconfSpan *span)
{
  gsize content = span->start + span->properties;
  gsize header_end = find_line_end (self, content, span->end);

  if (header_end + count_space (self, header_end, span->end) < span->end)
    return TRUE;

  return lose (self, RUNCONF_LOSS_BLOCK, content);
}

/* 017 is parsed as 17, although its author may mean an octal number, or the digits. */
static gboolean
is_padded (const Exact *self, const RunconfSpan *span)
{
  const char *start = self->text.data + span->start;
  const char *end = self->text.data + span->end;

  if (start < end && (*start == '-' || *start == '+'))
    start++;
  if (end - start < 2 || *start != '0')
    return FALSE;

  while (start < end && g_ascii_isdigit (*start))
    start++;

  return start == end;
}

/* The only tag whose value is nothing: no anchor and no other tag contains its name. */
static gboolean
is_unset (const Exact *self, const RunconfSpan *span)
{
  return memmem (self->text.data + span->start, span->properties, RUNCONF_TAG_KEY_UNSET,
                 strlen (RUNCONF_TAG_KEY_UNSET))
         != NULL;
}

static gboolean
check_scalar (Exact *self, const RunconfSpan *span, gboolean is_key)
{
  gsize content = span->start + span->properties;
  gsize line_end;

  if (is_block_scalar (span))
    return check_block (self, span);
  if (content == span->end)
    return is_unset (self, span) || lose (self, RUNCONF_LOSS_HOLE, content);
  if (span->style == RUNCONF_STYLE_PLAIN && span->properties == 0 && !is_key
      && is_padded (self, span))
    return lose (self, RUNCONF_LOSS_ZERO, content);

  line_end = find_line_end (self, content, span->end);

  return line_end == span->end || lose (self, RUNCONF_LOSS_BREAK, line_end);
}

/* Returns: (transfer full): for each span, whether it is a key */
static gboolean *
find_keys (const Exact *self)
{
  gboolean *is_key = g_new0 (gboolean, self->spans->len);

  for (guint i = 0; i < self->spans->len; i++)
    {
      if (get_span (self, i)->kind != RUNCONF_SPAN_MAPPING)
        continue;
      for (guint key = i + 1; key < get_span (self, i)->next;
           key = get_span (self, get_span (self, key)->next)->next)
        is_key[key] = TRUE;
    }

  return is_key;
}

static gboolean
check_spans (Exact *self)
{
  g_autofree gboolean *is_key = find_keys (self);
  gboolean has_alias = TRUE;

  for (guint i = 0; i < self->spans->len; i++)
    {
      const RunconfSpan *span = get_span (self, i);

      if (!check_properties (self, i, &has_alias))
        return FALSE;
      if (span->kind == RUNCONF_SPAN_SCALAR && !check_scalar (self, span, is_key[i]))
        return FALSE;
    }

  return TRUE;
}

/* White space around a collection, a quoted scalar or a number has no meaning. Neither have
 * document markers around a collection, which may be the text of a file.
 */
static gboolean
check_outside (Exact *self)
{
  const RunconfSpan *span = get_span (self, 0);
  gboolean is_plain = span->style == RUNCONF_STYLE_PLAIN && span->properties == 0
                      && runconf_node_get_kind (self->root) == RUNCONF_KIND_STRING;
  gsize before, behind;

  if (span->kind != RUNCONF_SPAN_SCALAR)
    return TRUE;

  before = is_plain ? 0 : count_space (self, 0, span->start);
  behind = span->end + (is_plain ? 0 : count_space (self, span->end, self->text.length));
  if (before < span->start)
    return lose (self, RUNCONF_LOSS_OUTSIDE, before);

  return behind == self->text.length || lose (self, RUNCONF_LOSS_OUTSIDE, behind);
}

static gboolean
check (Exact *self)
{
  if (!check_comments (self))
    return FALSE;
  if (self->root == NULL)
    return lose (self, RUNCONF_LOSS_EMPTY, 0);

  return check_spans (self) && check_outside (self);
}

/**
 * runconf_read_exact:
 * @text: UTF-8
 * @name: the name of the text in messages
 * @loss: (out): the first part of the text that is missing in the value, if there is one
 *
 * Parses a text as runconf_read_value() does, and checks that each part of the text is represented
 * in the value.
 *
 * Returns: (transfer full) (nullable): the value; %NULL without an error if a part is missing in
 *   it; or %NULL with %RUNCONF_ERROR_INVALID_VALUE or %RUNCONF_ERROR_TOO_LARGE
 */
RunconfNode *
runconf_read_exact (const char *text, const char *name, RunconfLoss *loss, GError **error)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (RunconfSpan));
  g_autoptr (RunconfNode) root = NULL;
  Exact self = { .text = { .name = name, .data = text, .length = strlen (text) }, .spans = spans };

  *loss = (RunconfLoss){ 0 };
  if (!runconf_reader_read (&self.text, &root, spans, error))
    return NULL;

  self.root = root;
  if (check (&self))
    return g_steal_pointer (&root);

  loss->kind = self.kind;
  runconf_text_get_position (&self.text, self.offset, &loss->line, &loss->column);

  return NULL;
}
