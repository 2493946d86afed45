/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/command/options.h"
#include "fleet/etcd/settings.h"

G_BEGIN_DECLS

RunconfEtcdSettings *fleet_settings_read (const FleetOptions *options, char **prefix,
                                          GError **error);

G_END_DECLS
