/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/call.h"

G_BEGIN_DECLS

void runconfd_set (RunconfdCall *call);
void runconfd_merge (RunconfdCall *call);
void runconfd_merge_text (RunconfdCall *call);
void runconfd_reset (RunconfdCall *call);
void runconfd_save (RunconfdCall *call);
void runconfd_apply (RunconfdCall *call);
void runconfd_replace_text (RunconfdCall *call);
void runconfd_reload (RunconfdCall *call);

void runconfd_write_and_release (RunconfdCall *call, const GError *error);

G_END_DECLS
