/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/calls/call.h"

G_BEGIN_DECLS

void runconfd_history (RunconfdCall *call);
void runconfd_diff (RunconfdCall *call);
void runconfd_prepare_revert (RunconfdCall *call, guint max_values, GAsyncReadyCallback callback,
                              gpointer user_data);
GPtrArray *runconfd_find_confirm_scope (RunconfdCall *call);
void runconfd_confirm (RunconfdCall *call);

G_END_DECLS
