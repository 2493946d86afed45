/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/calls/call.h"

G_BEGIN_DECLS

void runconfd_find_dump_concern (RunconfdCall *call, RunconfdConcern *concern);
void runconfd_dump (RunconfdCall *call);

G_END_DECLS
