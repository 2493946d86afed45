/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/layer.h"

G_BEGIN_DECLS

/**
 * RunconfFolders:
 *
 * The folders in which each configuration has a folder of its name: those for defaults and the one
 * for overrides.
 */
typedef struct _RunconfdFolders RunconfFolders;

RunconfFolders *runconf_folders_new_system (const char *root, const char *only);
RunconfFolders *runconf_folders_new_session (const char *only);
void runconf_folders_free (RunconfFolders *self);

const char *runconf_folders_get_only (const RunconfFolders *self);
GPtrArray *runconf_folders_get_defaults (const RunconfFolders *self);
char *runconf_folders_describe (const RunconfFolders *self);
GHashTable *runconf_folders_scan (const RunconfFolders *self, GPtrArray *complaints);
char *runconf_folders_get_boot_path (const RunconfFolders *self, const char *name);
char *runconf_folders_get_runtime_path (const RunconfFolders *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFolders, runconf_folders_free)

G_END_DECLS
