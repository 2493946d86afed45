/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/state.h"
#include "store/store.h"

G_BEGIN_DECLS

/**
 * RunconfFileStore:
 *
 * A store in a file. Its stamp is the digest of the text.
 *
 * Writes by programs that know nothing of Runconf are never overwritten unread, and only one
 * process writes for Runconf: it holds a lock, `.NAME.lock` beside the file.
 */
#define RUNCONF_TYPE_FILE_STORE (runconf_file_store_get_type ())
G_DECLARE_FINAL_TYPE (RunconfFileStore, runconf_file_store, RUNCONF, FILE_STORE, GObject)

RunconfStore *runconf_file_store_new (const char *path, gboolean watch, GError **error);
void runconf_file_store_tidy (RunconfFileStore *self, RunconfState *state);
void runconf_file_store_end (RunconfFileStore *self);

G_END_DECLS
