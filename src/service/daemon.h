/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/configuration.h"
#include "service/folders.h"
#include "service/relay.h"

G_BEGIN_DECLS

int runconfd_daemon_run (GDBusConnection *connection, RunconfdRelay *relay, gboolean is_system_bus,
                         const RunconfdSettings *settings, const RunconfdFolders *folders);

G_END_DECLS
