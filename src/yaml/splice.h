/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml/text.h"

G_BEGIN_DECLS

/**
 * RunconfSplice:
 *
 * A list of replacements for pieces of a text. They may be added in any order, and insertions at
 * the same offset keep the order in which they were added. Two replacements must not overlap.
 */
typedef struct _RunconfSplice RunconfSplice;

RunconfSplice *runconf_splice_new (const RunconfText *text);
void runconf_splice_free (RunconfSplice *self);

void runconf_splice_replace (RunconfSplice *self, gsize start, gsize end, const char *by,
                             gsize length);
void runconf_splice_remove (RunconfSplice *self, gsize start, gsize end);
void runconf_splice_insert (RunconfSplice *self, gsize offset, const GString *what);

gboolean runconf_splice_is_empty (const RunconfSplice *self);
gboolean runconf_splice_has_insertion (const RunconfSplice *self, gsize offset);
gboolean runconf_splice_touches (const RunconfSplice *self, gsize start, gsize end);
GBytes *runconf_splice_apply (RunconfSplice *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfSplice, runconf_splice_free)

G_END_DECLS
