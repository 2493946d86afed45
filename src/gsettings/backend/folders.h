/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsettings/backend/opening.h"

G_BEGIN_DECLS

/**
 * RunconfBackendFolders:
 *
 * The folders whose keys the program wants to be told of.
 */
typedef struct _RunconfBackendFolders RunconfBackendFolders;

/* Called in the worker thread: the values of keys changed.
 *
 * @folder: ends in a slash
 * @keys: a %NULL-terminated list of the keys below @folder, or %NULL if each key may have changed
 */
typedef void (*RunconfBackendFoldersFunc) (const char *folder, const char *const *keys,
                                           guint64 version, gpointer user_data);

RunconfBackendFolders *runconf_backend_folders_new (RunconfBackendOpening *opening,
                                                    RunconfBackendFoldersFunc func,
                                                    gpointer user_data, GDestroyNotify destroy);
void runconf_backend_folders_free (RunconfBackendFolders *self);

void runconf_backend_folders_add (RunconfBackendFolders *self, const char *folder);
void runconf_backend_folders_remove (RunconfBackendFolders *self, const char *folder);

G_END_DECLS
