/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml/document.h"
#include "yaml/emitter.h"
#include "yaml/splice.h"
#include "yaml/text.h"

G_BEGIN_DECLS

/**
 * RunconfSlotKind:
 * @RUNCONF_SLOT_ROOT: the whole document
 * @RUNCONF_SLOT_KEY: the value of a key in a block mapping
 * @RUNCONF_SLOT_ITEM: an item of a block sequence, after its dash
 * @RUNCONF_SLOT_FLOW: a value in brackets
 *
 * The kind of place that a value has.
 */
typedef enum
{
  RUNCONF_SLOT_ROOT,
  RUNCONF_SLOT_KEY,
  RUNCONF_SLOT_ITEM,
  RUNCONF_SLOT_FLOW,
} RunconfSlotKind;

/**
 * RunconfSlot:
 * @kind: the kind of the place
 * @has_sign: whether it has a colon or a dash; a key may have no colon, and items in brackets never
 *   have a dash
 * @span: the span of the current value
 * @lead: the offset after the colon or the dash; without one, after the key, or where the value
 *   begins
 * @column: the column of the block collection around it
 * @like: in brackets, the style of the strings around it
 *
 * A place in the text that has a value.
 */
typedef struct
{
  RunconfSlotKind kind;
  gboolean has_sign;
  guint span;
  gsize lead;
  guint column;
  RunconfSpanStyle like;
} RunconfSlot;

typedef struct _RunconfReuse RunconfReuse;

/**
 * RunconfRewriter:
 * @text: the text
 * @spans: the positions of all nodes in @text
 * @n_spans: the number of spans
 * @layout: the layout of @text
 * @splice: the edits found so far
 * @reuse: (nullable): the anchors and aliases, if the text has any
 * @fresh: (nullable): the indices of spans that are written anew, with everything below them
 * @removed_to: the offset at which the last removal of lines ended
 * @head: for rewrite-value.c, as @tail and @word: strings that are used for one value after the other
 *
 * Finds the edits that make a text yield another tree. It walks along the spans of the text, its
 * current tree and the new tree.
 */
typedef struct
{
  RunconfText text;
  const RunconfSpan *spans;
  guint n_spans;
  RunconfLayout layout;
  RunconfSplice *splice;
  RunconfReuse *reuse;
  GHashTable *fresh;
  gsize removed_to;
  GString *head;
  GString *tail;
  GString *word;
} RunconfRewriter;

/* rewriter.c */
GBytes *runconf_rewriter_run (RunconfDocument *base, const RunconfNode *root, GHashTable *fresh);
gboolean runconf_rewriter_is_fresh (const RunconfRewriter *self, guint span);
gboolean runconf_rewriter_is_done (const RunconfRewriter *self, guint span, const RunconfNode *base,
                                   const RunconfNode *node);
void runconf_rewriter_walk (RunconfRewriter *self, const RunconfSlot *slot, const RunconfNode *base,
                            const RunconfNode *node);
gsize runconf_rewriter_get_pair_end (const RunconfRewriter *self, guint key);
gsize runconf_rewriter_find_pair_start (const RunconfRewriter *self, guint mapping, guint key);
gsize runconf_rewriter_get_content (const RunconfRewriter *self, guint span);
void runconf_rewriter_init_key_slot (const RunconfRewriter *self, guint key, guint column,
                                     RunconfSlot *slot);
const RunconfNode *runconf_rewriter_find_child (const RunconfNode *base, guint position,
                                                const RunconfNode *node);

void runconf_rewriter_adapt (RunconfRewriter *self, gsize offset, guint column);

/* rewrite-value.c */
void runconf_rewriter_replace (RunconfRewriter *self, const RunconfSlot *slot,
                               const RunconfNode *node);
void runconf_rewriter_strip_last (RunconfRewriter *self);

/* rewrite-block.c */
void runconf_rewriter_walk_block_mapping (RunconfRewriter *self, const RunconfSlot *slot,
                                          const RunconfNode *base, const RunconfNode *node);
void runconf_rewriter_walk_block_sequence (RunconfRewriter *self, const RunconfSlot *slot,
                                           const RunconfNode *base, const RunconfNode *node);
void runconf_rewriter_drop_block_pair (RunconfRewriter *self, guint mapping, guint key);

/* rewrite-flow.c */
void runconf_rewriter_walk_flow (RunconfRewriter *self, const RunconfSlot *slot,
                                 const RunconfNode *base, const RunconfNode *node);
void runconf_rewriter_drop_flow_merge (RunconfRewriter *self, const RunconfSlot *slot,
                                       const RunconfNode *base, const RunconfNode *node);
gboolean runconf_rewriter_fill_flow (RunconfRewriter *self, guint span, const RunconfNode *node);

/* rewrite-reuse.c */
RunconfReuse *runconf_reuse_new (const RunconfRewriter *rewriter);
void runconf_reuse_free (RunconfReuse *self);
void runconf_reuse_note (RunconfReuse *self, const RunconfSlot *slot, const RunconfNode *base,
                         const RunconfNode *node);
void runconf_reuse_note_key (RunconfReuse *self, guint key, const char *name);
void runconf_reuse_note_merged (RunconfReuse *self, guint value);
void runconf_reuse_note_merge (RunconfReuse *self, const RunconfSlot *slot, const RunconfNode *base,
                               const RunconfNode *node);
void runconf_reuse_finish (RunconfReuse *self, RunconfRewriter *rewriter);

/* match.c */
GArray *runconf_match_items (const RunconfNode *from, const RunconfNode *to);

#define RUNCONF_NO_MATCH G_MAXUINT

G_END_DECLS
