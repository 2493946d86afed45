/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "layers/stack.h"
#include "rules/revision.h"
#include "service/base/settings.h"
#include "service/change/request.h"
#include "service/configuration/in-force.h"
#include "service/history/archive.h"
#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfdConfiguration:
 *
 * A configuration that is served: its layers, the changes that wait for the disk, and the handling of
 * its files.
 *
 * Signals: `changed` with a #RunconfdChange, for each change, once it is on the disk; `state-changed`
 * when the state or its message is another one; `snapshot-replaced` when readers of the shared memory
 * have to open a fresh one; `loaded` with a nullable #GError, when the files were read.
 */
#define RUNCONFD_TYPE_CONFIGURATION (runconfd_configuration_get_type ())
G_DECLARE_FINAL_TYPE (RunconfdConfiguration, runconfd_configuration, RUNCONFD, CONFIGURATION,
                      GObject)

RunconfdConfiguration *runconfd_configuration_new (const RunconfdSettings *settings,
                                                   GError **error);

void runconfd_configuration_reload_async (RunconfdConfiguration *self, GAsyncReadyCallback callback,
                                          gpointer user_data);
gboolean runconfd_configuration_reload_finish (RunconfdConfiguration *self, GAsyncResult *result,
                                               gboolean *changed, GError **error);

gboolean runconfd_configuration_is_fresh (RunconfdConfiguration *self);
void runconfd_configuration_refresh_async (RunconfdConfiguration *self,
                                           GAsyncReadyCallback callback, gpointer user_data);
void runconfd_configuration_refresh_finish (RunconfdConfiguration *self, GAsyncResult *result);

void runconfd_configuration_write_async (RunconfdConfiguration *self, RunconfdRequest *request,
                                         GAsyncReadyCallback callback, gpointer user_data);
gboolean runconfd_configuration_write_finish (RunconfdConfiguration *self, GAsyncResult *result,
                                              guint64 *version, GPtrArray **changed,
                                              GError **error);

const RunconfHistoryRecord *runconfd_configuration_find_waiting (RunconfdConfiguration *self,
                                                                 guint64 version);
void runconfd_configuration_confirm_async (RunconfdConfiguration *self, guint64 version, guint uid,
                                           GAsyncReadyCallback callback, gpointer user_data);
gboolean runconfd_configuration_confirm_finish (RunconfdConfiguration *self, GAsyncResult *result,
                                                GError **error);

void runconfd_configuration_drain_async (RunconfdConfiguration *self, GAsyncReadyCallback callback,
                                         gpointer user_data);
void runconfd_configuration_drain_finish (RunconfdConfiguration *self, GAsyncResult *result);

int runconfd_configuration_open_snapshot (RunconfdConfiguration *self, GError **error);

const RunconfdSettings *runconfd_configuration_get_settings (RunconfdConfiguration *self);
const char *runconfd_configuration_get_defaults_path (RunconfdConfiguration *self);
RunconfRevision *runconfd_configuration_get_revision (RunconfdConfiguration *self);
RunconfRevision *runconfd_configuration_get_tip (RunconfdConfiguration *self);
RunconfDocument *runconfd_configuration_get_document (RunconfdConfiguration *self,
                                                      RunconfLayer layer);
guint runconfd_configuration_get_rules_revision (RunconfdConfiguration *self);
RunconfStack *runconfd_configuration_get_stack (RunconfdConfiguration *self);
RunconfdArchive *runconfd_configuration_get_archive (RunconfdConfiguration *self);
gboolean runconfd_configuration_is_vacant (RunconfdConfiguration *self);
const char *runconfd_configuration_get_state (RunconfdConfiguration *self);
char *runconfd_configuration_get_state_message (RunconfdConfiguration *self);

G_END_DECLS
