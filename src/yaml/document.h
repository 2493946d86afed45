/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfSpanKind:
 *
 * What stands in a place of the text.
 */
typedef enum
{
  RUNCONF_SPAN_SCALAR,
  RUNCONF_SPAN_ALIAS,
  RUNCONF_SPAN_SEQUENCE,
  RUNCONF_SPAN_MAPPING,
} RunconfSpanKind;

/**
 * RunconfSpanStyle:
 * @RUNCONF_STYLE_BLOCK: a collection told by indentation
 * @RUNCONF_STYLE_FLOW: a collection in brackets, or a lone `key: value` among them
 *
 * How it is written. An alias is plain.
 */
typedef enum
{
  RUNCONF_STYLE_PLAIN,
  RUNCONF_STYLE_SINGLE_QUOTED,
  RUNCONF_STYLE_DOUBLE_QUOTED,
  RUNCONF_STYLE_LITERAL,
  RUNCONF_STYLE_FOLDED,
  RUNCONF_STYLE_BLOCK,
  RUNCONF_STYLE_FLOW,
} RunconfSpanStyle;

/**
 * RunconfSpan:
 * @start: where it begins, with its anchor and tag
 * @end: behind its last byte, without the line break: the last content line of a block scalar (of a
 *   `|+` or `>+` also the blank lines that it keeps), the last child of a block collection
 * @next: the index of the first span that is not below it
 * @properties: how many bytes its anchor and tag take, with what parts them from what they belong
 *   to; all of them where nothing follows
 * @kind: a #RunconfSpanKind
 * @style: a #RunconfSpanStyle
 * @is_merge: whether it is a merge key, `<<`
 *
 * Where a key or a value stands in the text, in bytes from its beginning.
 *
 * The spans of a text are an array in the order of the text, parents before their children: those
 * of a sequence are its items, those of a mapping its keys, each followed by its value. A walk goes
 * from child to child by @next. What an alias stands for, and what a merge key brings in, has no
 * spans there. So the pairs of a mapping that are no merge keys are its first children, in the same
 * order as in its node, and a path is walked without reading a key.
 *
 * An empty value is an empty span where it would begin: behind its colon or dash, or behind a key
 * that has no colon.
 */
typedef struct
{
  guint32 start;
  guint32 end;
  guint32 next;
  guint32 properties : 26;
  guint32 kind : 2;
  guint32 style : 3;
  guint32 is_merge : 1;
} RunconfSpan;

/**
 * RunconfDocument:
 *
 * A YAML text that was read: its bytes, its tree, and where in the bytes each node stands. It never
 * changes, so any thread may use it.
 */
typedef struct _RunconfDocument RunconfDocument;

RunconfDocument *runconf_document_new (GBytes *text, const char *name, GError **error);
RunconfDocument *runconf_document_new_telling (GBytes *text, const char *name, gint *position,
                                               GError **error);
RunconfDocument *runconf_document_new_within (GBytes *text, const char *name, guint max_nodes,
                                              GError **error);
RunconfDocument *runconf_document_ref (RunconfDocument *self);
void runconf_document_unref (RunconfDocument *self);

GBytes *runconf_document_get_text (RunconfDocument *self);
const RunconfNode *runconf_document_get_root (RunconfDocument *self);
gboolean runconf_document_is_empty (RunconfDocument *self);
const RunconfSpan *runconf_document_get_spans (RunconfDocument *self, guint *n_spans);
gboolean runconf_document_locate (RunconfDocument *self, const RunconfPath *path, guint *line,
                                  guint *column);

RunconfNode *runconf_read_value (const char *text, gssize length, const char *name, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfDocument, runconf_document_unref)

G_END_DECLS
