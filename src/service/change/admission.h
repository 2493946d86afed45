/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/revision.h"

G_BEGIN_DECLS

gboolean runconfd_admission_check (const RunconfRevision *before, const RunconfRevision *after,
                                   GError **error);
gboolean runconfd_admission_check_scope (GPtrArray *scope, const RunconfRevision *before,
                                         const RunconfRevision *after, GError **error);

G_END_DECLS
