/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/layer.h"

G_BEGIN_DECLS

/**
 * RunconfdFolders:
 *
 * The folders in which each configuration has a folder of its name: those for defaults and the one
 * for overrides.
 */
typedef struct _RunconfdFolders RunconfdFolders;

RunconfdFolders *runconfd_folders_new_system (const char *root, const char *only);
RunconfdFolders *runconfd_folders_new_session (const char *only);
void runconfd_folders_free (RunconfdFolders *self);

const char *runconfd_folders_get_only (const RunconfdFolders *self);
GPtrArray *runconfd_folders_get_defaults (const RunconfdFolders *self);
char *runconfd_folders_describe (const RunconfdFolders *self);
GHashTable *runconfd_folders_scan (const RunconfdFolders *self, GPtrArray *complaints);
char *runconfd_folders_get_boot_path (const RunconfdFolders *self, const char *name);
char *runconfd_folders_get_runtime_path (const RunconfdFolders *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdFolders, runconfd_folders_free)

G_END_DECLS
