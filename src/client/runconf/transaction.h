/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/version.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_TRANSACTION (runconf_transaction_get_type ())
RUNCONF_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RunconfTransaction, runconf_transaction, RUNCONF, TRANSACTION, GObject)

RUNCONF_AVAILABLE_IN_1_0
RunconfTransaction *runconf_transaction_new (void);

RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_set_value (RunconfTransaction *self, const char *path, GVariant *value);
RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_replace_value (RunconfTransaction *self, const char *path,
                                        GVariant *value);
RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_merge (RunconfTransaction *self, const char *path, GVariant *patch);
RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_reset (RunconfTransaction *self, const char *path);
RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_unset (RunconfTransaction *self, const char *path);
RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_save (RunconfTransaction *self, GVariant *config);
RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_merge_text (RunconfTransaction *self, const char *text);
RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_replace_text (RunconfTransaction *self, const char *text);
RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_revert (RunconfTransaction *self, guint64 to);

RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_set_if_version (RunconfTransaction *self, guint64 version);
RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_set_message (RunconfTransaction *self, const char *message);
RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_set_dry_run (RunconfTransaction *self, gboolean dry_run);
RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_set_confirm_timeout (RunconfTransaction *self, guint seconds);
RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_set_boot (RunconfTransaction *self, gboolean boot);
RUNCONF_AVAILABLE_IN_1_0
void runconf_transaction_set_report_overrides (RunconfTransaction *self, gboolean report_overrides);

G_END_DECLS
