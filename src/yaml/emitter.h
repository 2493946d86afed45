/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"
#include "yaml/style.h"

G_BEGIN_DECLS

/**
 * RunconfLayout:
 * @line_end: the line break
 * @mapping_indent: the indentation of a mapping below its key, from 1 to 9
 * @sequence_indent: the indentation of a sequence's dashes below its key
 * @no_block_scalars: whether the next line would be parsed as a line of a block scalar
 * @no_kept_lines: whether an empty line follows, which would become content of a `|+`
 * @no_line_end: whether the text ends there, without the line break that a `|` would need
 *
 * The choices that block style leaves open.
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

/* The layout of a text that doesn't show another one. */
#define RUNCONF_LAYOUT_DEFAULT                                                                     \
  {                                                                                                \
    .line_end = "\n", .mapping_indent = 2, .sequence_indent = 2                                    \
  }

void runconf_emit_yaml (GString *out, const RunconfNode *root);

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
