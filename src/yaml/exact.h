/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfLossKind:
 * @RUNCONF_LOSS_EMPTY: the text has no content, and is parsed as null
 * @RUNCONF_LOSS_ALL: the whole text is a comment, and is parsed as null
 * @RUNCONF_LOSS_COMMENT: a part is a comment
 * @RUNCONF_LOSS_OUTSIDE: white space, `---` or `...` is around a string, and isn't part of it
 * @RUNCONF_LOSS_BREAK: a line break in a string is parsed as a space
 * @RUNCONF_LOSS_HOLE: a value is missing, and is parsed as null
 * @RUNCONF_LOSS_BLOCK: a block scalar has no lines, and is parsed as an empty string
 * @RUNCONF_LOSS_ANCHOR: an anchor that no alias uses
 * @RUNCONF_LOSS_TAG: the tag `!`
 * @RUNCONF_LOSS_ZERO: a decimal number begins with 0
 *
 * The kind of a part of a text that isn't represented in the value.
 */
typedef enum
{
  RUNCONF_LOSS_NONE,
  RUNCONF_LOSS_EMPTY,
  RUNCONF_LOSS_ALL,
  RUNCONF_LOSS_COMMENT,
  RUNCONF_LOSS_OUTSIDE,
  RUNCONF_LOSS_BREAK,
  RUNCONF_LOSS_HOLE,
  RUNCONF_LOSS_BLOCK,
  RUNCONF_LOSS_ANCHOR,
  RUNCONF_LOSS_TAG,
  RUNCONF_LOSS_ZERO,
} RunconfLossKind;

/**
 * RunconfLoss:
 * @line: from 1
 * @column: from 1, in characters
 *
 * The part of a text that would be lost, and its position.
 */
typedef struct
{
  RunconfLossKind kind;
  guint line;
  guint column;
} RunconfLoss;

RunconfNode *runconf_read_exact (const char *text, const char *name, RunconfLoss *loss,
                                 GError **error);

G_END_DECLS
