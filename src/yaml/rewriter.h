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
 * @RUNCONF_SLOT_KEY: behind a key of a block mapping
 * @RUNCONF_SLOT_ITEM: behind a dash
 * @RUNCONF_SLOT_FLOW: in brackets
 *
 * What kind of place a value has.
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
 * @kind: what kind of place it is
 * @has_sign: whether a colon or a dash is there; a key may have none, and no item in brackets has
 * @span: the value that stands there
 * @lead: behind the colon or the dash; without one, behind the key, or where the value begins
 * @column: of the block collection that it belongs to
 * @like: the style of strings around it, in brackets
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
 * @spans: where everything stands in it
 * @n_spans: how many
 * @layout: how the text is laid out
 * @splice: what is to be replaced
 * @reuse: (nullable): the anchors and aliases, if the text has any
 * @fresh: (nullable): the indices of spans that are written anew, whatever is in them
 * @removed_to: where the last removal of lines ended
 *
 * Finds the edits that make a text mean another tree: it walks along the spans of the text, the
 * tree that it means and the tree that it should mean.
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
