/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/change/request.h"

G_BEGIN_DECLS

GPtrArray *runconfd_scope_new (const char *path);
GPtrArray *runconfd_scope_new_for_deltas (GPtrArray *deltas);
GPtrArray *runconfd_scope_new_for_request (const RunconfdRequest *request,
                                           RunconfRevision *revision);
char *runconfd_scope_to_json (GPtrArray *scope);

G_END_DECLS
