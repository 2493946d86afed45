/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfLossKind:
 * @RUNCONF_LOSS_EMPTY: the text holds nothing, and is read as null
 * @RUNCONF_LOSS_ALL: the whole text is a comment, and is read as null
 * @RUNCONF_LOSS_COMMENT: a part is a comment
 * @RUNCONF_LOSS_OUTSIDE: white space, `---` or `...` stands around a text, and doesn't belong to it
 * @RUNCONF_LOSS_BREAK: a line break in a text is read as a space
 * @RUNCONF_LOSS_HOLE: a value is absent, and is read as null
 * @RUNCONF_LOSS_BLOCK: a block of text has no lines, and is read as an empty string
 * @RUNCONF_LOSS_ANCHOR: an anchor that no alias uses
 * @RUNCONF_LOSS_TAG: the tag `!`
 * @RUNCONF_LOSS_ZERO: a 0 begins a decimal number
 *
 * A part of a text that is in no value.
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
 * What would be lost, and where it stands.
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
