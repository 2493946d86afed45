/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/failure.h"
#include "store/state.h"
#include "store/watch/watcher.h"

G_BEGIN_DECLS

/**
 * RunconfStore:
 *
 * A file that holds the text of the overrides. The store loads the text with a stamp, replaces the
 * text only if it still has that stamp, and reports changes. Two texts are equal exactly if the
 * bytes of their stamps are equal; the stamp is the digest of the text.
 *
 * Texts that another program saved are never overwritten unread, and only one process writes for
 * Runconf: it holds a lock, `.NAME.lock` beside the file.
 */
#define RUNCONF_TYPE_STORE (runconf_store_get_type ())
G_DECLARE_FINAL_TYPE (RunconfStore, runconf_store, RUNCONF, STORE, GObject)

/**
 * RunconfStoreReady:
 *
 * Called when a new text is on the disk, just before it replaces the old one; not called for a text that
 * is in the journal only.
 *
 * Returns: %FALSE with an error to keep the old text
 */
typedef gboolean (*RunconfStoreReady) (gpointer user_data, GError **error);

RunconfStore *runconf_store_new (const char *path, gboolean watch, GError **error);
void runconf_store_tidy (RunconfStore *self, RunconfState *state);
void runconf_store_end (RunconfStore *self);

gboolean runconf_store_load (RunconfStore *self, GBytes **text, GBytes **stamp, GError **error);
gboolean runconf_store_replace (RunconfStore *self, GBytes *text, GBytes *expected,
                                GBytes *attachment, RunconfStoreReady ready, gpointer user_data,
                                GBytes **stamp, GError **error);
RunconfFreshness runconf_store_check (RunconfStore *self);
void runconf_store_settle (RunconfStore *self);

/* the journal */
GPtrArray *runconf_store_recover (RunconfStore *self, GError **error);
gboolean runconf_store_can_defer (RunconfStore *self, gsize size);
gboolean runconf_store_wants_sync (RunconfStore *self);
gboolean runconf_store_has_entries (RunconfStore *self);
gboolean runconf_store_sync (RunconfStore *self, GError **error);
void runconf_store_clear_journal (RunconfStore *self);

G_END_DECLS
