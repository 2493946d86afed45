/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/history/archive.h"
#include "service/sources/load.h"
#include "store/state.h"

G_BEGIN_DECLS

guint64 runconfd_start_version_find (RunconfState *state, RunconfdArchive *archive,
                                     RunconfdLoad *load, gboolean *is_known);
gint64 runconfd_start_version_find_time (RunconfdLoad *load, guint64 version);

G_END_DECLS
