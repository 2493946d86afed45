/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/change.h>

#include "client/snapshot-private.h"

G_BEGIN_DECLS

RunconfChange *runconf_change_new_step (GPtrArray *paths, guint64 version, GVariant *details,
                                        RunconfSnapshot *before, RunconfSnapshot *after,
                                        RunconfChange *previous);
gboolean runconf_change_is_exact (RunconfChange *self);
RunconfChange *runconf_change_new_united (GPtrArray *paths, RunconfChange *first,
                                          RunconfChange *last);
RunconfChange *runconf_change_new_in_part (RunconfChange *whole, const char *base);
RunconfChange *runconf_change_new_recorded (GVariant *entry);
RunconfChange *runconf_change_new_difference (guint64 version, GVariant *differences);

G_END_DECLS
