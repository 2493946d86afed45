/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfPlace:
 * @RUNCONF_PLACE_BLOCK: a value that may take several lines
 * @RUNCONF_PLACE_LINE: a key, or a value that has to fit on its line
 * @RUNCONF_PLACE_FLOW: in brackets
 *
 * The place of a string in the text.
 */
typedef enum
{
  RUNCONF_PLACE_BLOCK,
  RUNCONF_PLACE_LINE,
  RUNCONF_PLACE_FLOW,
} RunconfPlace;

RunconfSpanStyle runconf_style_choose (const char *text, gsize length, RunconfPlace place);
RunconfSpanStyle runconf_style_choose_like (const char *text, gsize length, RunconfSpanStyle like,
                                            RunconfPlace place);

G_END_DECLS
