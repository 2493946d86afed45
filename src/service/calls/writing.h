/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/calls/call.h"

G_BEGIN_DECLS

RunconfdRequest *runconfd_prepare_set (RunconfdCall *call, GError **error);
RunconfdRequest *runconfd_prepare_reset (RunconfdCall *call, GError **error);
RunconfdRequest *runconfd_prepare_merge (RunconfdCall *call, GError **error);
RunconfdRequest *runconfd_prepare_save (RunconfdCall *call, GError **error);
RunconfdRequest *runconfd_prepare_apply (RunconfdCall *call, GError **error);
void runconfd_prepare_merge_text (RunconfdCall *call, guint max_values,
                                  GAsyncReadyCallback callback, gpointer user_data);
void runconfd_prepare_replace_text (RunconfdCall *call, guint max_values,
                                    GAsyncReadyCallback callback, gpointer user_data);

void runconfd_write (RunconfdCall *call);
void runconfd_reload (RunconfdCall *call);

G_END_DECLS
