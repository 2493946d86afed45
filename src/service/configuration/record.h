/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/revision.h"
#include "service/change/request.h"
#include "store/history/history.h"

G_BEGIN_DECLS

RunconfHistoryRecord *runconfd_record_new (RunconfLayer layer, const RunconfRevision *before,
                                           const RunconfRevision *after, const char *origin,
                                           const RunconfdRequest *request);

G_END_DECLS
