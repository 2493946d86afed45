/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/call.h"

G_BEGIN_DECLS

void runconfd_prepare_set (RunconfdCall *call);
void runconfd_prepare_merge (RunconfdCall *call);
void runconfd_prepare_merge_text (RunconfdCall *call);
void runconfd_prepare_reset (RunconfdCall *call);
void runconfd_prepare_save (RunconfdCall *call);
void runconfd_prepare_apply (RunconfdCall *call);
void runconfd_prepare_replace_text (RunconfdCall *call);
void runconfd_reload (RunconfdCall *call);

void runconfd_write (RunconfdCall *call);

G_END_DECLS
