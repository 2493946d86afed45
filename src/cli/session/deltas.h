/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/change.h>

G_BEGIN_DECLS

GPtrArray *cli_deltas_from_change (RunconfChange *change, GError **error);

G_END_DECLS
