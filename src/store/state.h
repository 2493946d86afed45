/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfState:
 *
 * Stores the version in a small file beside the overrides. Its functions block on the file system,
 * and may be called from any thread at any time.
 */
typedef struct _RunconfState RunconfState;

RunconfState *runconf_state_open (const char *path, GError **error);
void runconf_state_free (RunconfState *self);

gboolean runconf_state_recall (RunconfState *self, GBytes *text, guint64 *version,
                               gboolean *same_text);
gboolean runconf_state_knows (RunconfState *self, GBytes *text);
gboolean runconf_state_is_settled (RunconfState *self, GBytes *text);
gboolean runconf_state_is_pending (RunconfState *self, GBytes *text);
void runconf_state_note (RunconfState *self, guint64 version, GBytes *text);
gboolean runconf_state_flush (RunconfState *self, GError **error);
void runconf_state_catch_up (RunconfState *self, guint64 version, GBytes *text);
gboolean runconf_state_announce (RunconfState *self, guint64 version, GBytes *text, GError **error);
gboolean runconf_state_record (RunconfState *self, guint64 version, GBytes *text, gboolean durable,
                               GError **error);
gboolean runconf_state_record_version (RunconfState *self, guint64 version, GError **error);
void runconf_state_seal (RunconfState *self, const char *history, guint64 newest);
gboolean runconf_state_is_sealed (RunconfState *self, const char *history);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfState, runconf_state_free)

G_END_DECLS
