/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/calls/call.h"

G_BEGIN_DECLS

void runconfd_find_argument_concern (RunconfdCall *call, RunconfdConcern *concern);
void runconfd_find_path_concern (RunconfdCall *call, RunconfdConcern *concern);
void runconfd_get (RunconfdCall *call);
void runconfd_list (RunconfdCall *call);
void runconfd_open_snapshot (RunconfdCall *call);

G_END_DECLS
