/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/rewrite.h"

#include "yaml/compose.h"

RunconfDocument *
runconf_rewrite (RunconfDocument *base, const RunconfNode *root, const char *name,
                 RunconfRewriteScope *scope, GError **error)
{
  *scope = RUNCONF_REWRITE_WHOLE;

  return runconf_compose (base, root, name, error);
}
