/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/operation.h"

G_BEGIN_DECLS

/* The operations of a change, as a #GPtrArray of #RunconfOperation. */

GPtrArray *runconf_operations_new (void);
gboolean runconf_operations_add (GPtrArray *operations, RunconfVerb verb, const char *path,
                                 GVariant *value, GError **error);
gboolean runconf_operations_add_all (GPtrArray *operations, GVariant *list, GError **error);

G_END_DECLS
