/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfSpanKind:
 *
 * The kind of a node in the text.
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
 * @RUNCONF_STYLE_BLOCK: a collection structured by indentation
 * @RUNCONF_STYLE_FLOW: a collection in brackets, or a single `key: value` among their items
 *
 * How a node is written. An alias is plain.
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
 * @start: the offset of its first byte, anchor and tag included
 * @end: the offset after its last byte, without the line break. A block scalar ends with its last
 *   content line (with `|+` or `>+`, with the blank lines that it keeps), and a block collection
 *   with its last child.
 * @next: the index of the first span that is not below it
 * @properties: the length in bytes of its anchor and tag, with the space after them; the length of
 *   the whole span if nothing follows them
 * @kind: a #RunconfSpanKind
 * @style: a #RunconfSpanStyle
 * @is_merge: whether it is a merge key, `<<`
 *
 * The position of a key or a value in the text, in bytes from the beginning.
 *
 * The spans of a text are an array in the order of the text, parents before their children. The
 * children of a sequence are its items; those of a mapping are its keys, each followed by its
 * value. A walk goes from child to child by @next. Nodes that an alias refers to or that a merge
 * key adds have no spans there. So the pairs of a mapping other than merge keys are its first
 * children, in the same order as in its node, and a path is walked without reading a key.
 *
 * An empty value is an empty span at the place where the value would begin: after its colon or
 * dash, or after a key that has no colon.
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
 * A parsed YAML text: its bytes, its tree, and the position of each node in the bytes. It is
 * immutable, so any thread may use it.
 */
typedef struct _RunconfDocument RunconfDocument;

RunconfDocument *runconf_document_new (GBytes *text, const char *name, GError **error);
RunconfDocument *runconf_document_new_locating (GBytes *text, const char *name, gint *position,
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
