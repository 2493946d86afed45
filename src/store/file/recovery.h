/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/file/grace.h"

G_BEGIN_DECLS

gboolean runconf_recovery_run (int directory, const char *name, const char *path,
                               GPtrArray *entries, RunconfGrace *grace, GError **error);

G_END_DECLS
