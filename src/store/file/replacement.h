/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/failure.h"
#include "store/file/grace.h"
#include "store/watch/signature.h"

G_BEGIN_DECLS

/**
 * RunconfReplacement:
 *
 * One replacement of a file's text by another.
 */
typedef struct _RunconfReplacement RunconfReplacement;

RunconfReplacement *runconf_replacement_new (int directory, const char *name, const char *path,
                                             RunconfGrace *grace);
void runconf_replacement_defer (RunconfReplacement *self, int fd);
int runconf_replacement_get_directory (const RunconfReplacement *self);
void runconf_replacement_set_held (RunconfReplacement *self, const RunconfSignature *held,
                                   GBytes *base);
void runconf_replacement_free (RunconfReplacement *self);

gboolean runconf_replacement_prepare (RunconfReplacement *self, GBytes *text,
                                      RunconfSignature *coming, GError **error);
gboolean runconf_replacement_give_name (RunconfReplacement *self, GError **error);
gboolean runconf_replacement_commit (RunconfReplacement *self, GBytes *expected,
                                     GBytes *expected_text, RunconfSignature *signature,
                                     GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfReplacement, runconf_replacement_free)

G_END_DECLS
