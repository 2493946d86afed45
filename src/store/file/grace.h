/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/watch/signature.h"

G_BEGIN_DECLS

/**
 * RunconfGrace:
 *
 * Looks after files that were replaced, until no process can write into them any more.
 */
typedef struct _RunconfGrace RunconfGrace;

/* Called with a text that was written into a replaced file, and the text it held before, @base. */
typedef void (*RunconfGraceFunc) (GBytes *text, GBytes *base, gpointer user_data);

RunconfGrace *runconf_grace_new (const char *path, RunconfGraceFunc late, gpointer user_data);
void runconf_grace_end (RunconfGrace *self);
void runconf_grace_free (RunconfGrace *self);

void runconf_grace_add (RunconfGrace *self, int directory, const char *temp_name, int fd,
                        GBytes *text, const RunconfSignature *signature);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfGrace, runconf_grace_free)

G_END_DECLS
