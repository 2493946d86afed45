/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"
#include "yaml/style.h"

G_BEGIN_DECLS

/**
 * RunconfLayout:
 * @line_end: what ends a line
 * @mapping_indent: how much deeper than a key the keys of its mapping stand, from 1 to 9
 * @sequence_indent: how much deeper than a key the dashes of its sequence stand
 * @no_block_scalars: whether what follows would be taken for a line of a block scalar
 * @no_kept_lines: whether an empty line follows, which a `|+` would take for its own
 * @no_line_end: whether the text ends there, without the line end that a `|` would need
 *
 * What block style leaves open.
 */
typedef struct
{
  const char *line_end;
  guint mapping_indent;
  guint sequence_indent;
  gboolean no_block_scalars;
  gboolean no_kept_lines;
  gboolean no_line_end;
} RunconfLayout;

/* What a text has that shows no other. */
#define RUNCONF_LAYOUT_DEFAULT                                                                     \
  {                                                                                                \
    .line_end = "\n", .mapping_indent = 2, .sequence_indent = 2                                    \
  }

void runconf_emit_yaml (GString *out, const RunconfNode *root);

void runconf_emit_key (GString *out, const char *key, gsize length, guint indent,
                       const RunconfLayout *layout);
void runconf_emit_pair (GString *out, const RunconfNode *mapping, guint position, guint indent,
                        const RunconfLayout *layout);
void runconf_emit_item (GString *out, const RunconfNode *node, guint indent,
                        const RunconfLayout *layout);
void runconf_emit_value (GString *out, const RunconfNode *node, guint indent,
                         const RunconfLayout *layout);
void runconf_emit_block (GString *out, const RunconfNode *node, guint indent,
                         const RunconfLayout *layout);
void runconf_emit_line_start (GString *out, guint indent, const RunconfLayout *layout);

RunconfSpanStyle runconf_emit_choose (const RunconfNode *node, RunconfSpanStyle like,
                                      const RunconfLayout *layout);
void runconf_emit_block_scalar_header (GString *out, const RunconfNode *node,
                                       RunconfSpanStyle style, guint deeper);
void runconf_emit_block_scalar_lines (GString *out, const RunconfNode *node, RunconfSpanStyle style,
                                      guint indent, const RunconfLayout *layout);

void runconf_emit_inline (GString *out, const RunconfNode *node, RunconfSpanStyle like,
                          RunconfPlace place);
void runconf_emit_inline_pair (GString *out, const RunconfNode *mapping, guint position,
                               RunconfSpanStyle like);

G_END_DECLS
