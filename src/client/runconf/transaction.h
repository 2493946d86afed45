/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_TRANSACTION (runconf_transaction_get_type ())
G_DECLARE_FINAL_TYPE (RunconfTransaction, runconf_transaction, RUNCONF, TRANSACTION, GObject)

RunconfTransaction *runconf_transaction_new (void);

void runconf_transaction_set_value (RunconfTransaction *self, const char *path, GVariant *value);
void runconf_transaction_replace_value (RunconfTransaction *self, const char *path,
                                        GVariant *value);
void runconf_transaction_merge (RunconfTransaction *self, const char *path, GVariant *patch);
void runconf_transaction_reset (RunconfTransaction *self, const char *path);
void runconf_transaction_unset (RunconfTransaction *self, const char *path);
void runconf_transaction_save (RunconfTransaction *self, GVariant *config);
void runconf_transaction_merge_text (RunconfTransaction *self, const char *text);
void runconf_transaction_replace_text (RunconfTransaction *self, const char *text);
void runconf_transaction_revert (RunconfTransaction *self, guint64 to);

void runconf_transaction_set_if_version (RunconfTransaction *self, guint64 version);
void runconf_transaction_set_message (RunconfTransaction *self, const char *message);
void runconf_transaction_set_dry_run (RunconfTransaction *self, gboolean dry_run);
void runconf_transaction_set_confirm_timeout (RunconfTransaction *self, guint seconds);
void runconf_transaction_set_boot (RunconfTransaction *self, gboolean boot);
void runconf_transaction_set_report_overrides (RunconfTransaction *self, gboolean report_overrides);

G_END_DECLS
