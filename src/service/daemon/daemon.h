/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/folders.h"
#include "service/configuration/configuration.h"
#include "service/gate/relay.h"

G_BEGIN_DECLS

int runconfd_daemon_run (GDBusConnection *connection, RunconfdRelay *relay, gboolean is_system_bus,
                         const RunconfdSettings *settings, const RunconfFolders *folders);

G_END_DECLS
