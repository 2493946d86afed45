/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfRewriteScope:
 * @RUNCONF_REWRITE_IN_PLACE: only the bytes of what changed
 * @RUNCONF_REWRITE_AFRESH: also what is around it: a collection was written anew
 * @RUNCONF_REWRITE_WHOLE: everything but what stands above the first key
 *
 * How much of a text was written to make it mean something else.
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
