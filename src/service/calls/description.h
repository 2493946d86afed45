/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/calls/call.h"

G_BEGIN_DECLS

void runconfd_describe (RunconfdCall *call);

G_END_DECLS
