/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/store.h"

G_BEGIN_DECLS

void runconf_failure_set (GError **error, RunconfStoreError code, const char *path, int number,
                          const char *what);
void runconf_failure_set_conflict (GError **error, const char *path);

G_END_DECLS
