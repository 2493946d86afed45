/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/rewriter.h"

/* Linked into a daemon in place of the editor of texts (`ld --wrap`): each edit yields another tree
 * than it should, so the verification of the new text has to find this.
 */
GBytes *__wrap_runconf_rewriter_run (RunconfDocument *base, const RunconfNode *root,
                                     GHashTable *fresh);

GBytes *
__wrap_runconf_rewriter_run (RunconfDocument *base, const RunconfNode *root, GHashTable *fresh)
{
  static const char text[] = "wrong: 1\n";

  return g_bytes_new_static (text, sizeof text - 1);
}
