/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfRewriteScope:
 * @RUNCONF_REWRITE_IN_PLACE: only the bytes of changed values
 * @RUNCONF_REWRITE_AFRESH: also bytes around them: a collection was written anew
 * @RUNCONF_REWRITE_WHOLE: everything except the part above the first key
 *
 * The extent of a change of a text.
 */
typedef enum
{
  RUNCONF_REWRITE_IN_PLACE,
  RUNCONF_REWRITE_AFRESH,
  RUNCONF_REWRITE_WHOLE,
} RunconfRewriteScope;

RunconfDocument *runconf_rewrite (RunconfDocument *base, const RunconfNode *root, const char *name,
                                  RunconfRewriteScope *scope, GError **error);

G_END_DECLS
