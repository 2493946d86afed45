/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/failure.h"

G_BEGIN_DECLS

/**
 * RunconfFileLock:
 *
 * A lock that gives one process the right to replace a file.
 */
typedef struct _RunconfFileLock RunconfFileLock;

RunconfFileLock *runconf_file_lock_new (void);
void runconf_file_lock_free (RunconfFileLock *self);

void runconf_file_lock_release (RunconfFileLock *self);
gboolean runconf_file_lock_take (RunconfFileLock *self, int directory, const char *name,
                                 const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFileLock, runconf_file_lock_free)

G_END_DECLS
