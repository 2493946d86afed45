/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>

#include "client/link.h"
#include "client/notices.h"
#include "client/pending.h"

G_BEGIN_DECLS

/* The parts of a configuration that writing, transactions and bindings need. */

GDBusConnection *runconf_configuration_dup_connection (RunconfConfiguration *self);
const char *runconf_configuration_get_object_path (RunconfConfiguration *self);
RunconfPending *runconf_configuration_get_pending (RunconfConfiguration *self);
RunconfNotices *runconf_configuration_get_notices (RunconfConfiguration *self);

gboolean runconf_configuration_check_name (const char *name, GError **error);
void runconf_configuration_use_link (RunconfConfiguration *self, RunconfLink *link);
void runconf_configuration_use_whole (RunconfConfiguration *self, RunconfConfiguration *whole,
                                      const char *base);

gboolean runconf_configuration_is_caught_up (RunconfConfiguration *self, guint64 version);
gboolean runconf_configuration_catch_up (RunconfConfiguration *self, guint64 version,
                                         GCancellable *cancellable, GError **error);

G_END_DECLS
