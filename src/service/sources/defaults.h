/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"
#include "core/path.h"

G_BEGIN_DECLS

/**
 * RunconfdDefaults:
 *
 * The merged values of the files with defaults. It never changes.
 */
typedef struct _RunconfdDefaults RunconfdDefaults;

RunconfdDefaults *runconfd_defaults_new (GPtrArray *parts, GError **error);
RunconfdDefaults *runconfd_defaults_ref (RunconfdDefaults *self);
void runconfd_defaults_unref (RunconfdDefaults *self);

const RunconfNode *runconfd_defaults_get_tree (RunconfdDefaults *self);
const char *runconfd_defaults_locate (RunconfdDefaults *self, const RunconfPath *path, guint *line,
                                      guint *column);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdDefaults, runconfd_defaults_unref)

G_END_DECLS
