/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/calls/lookup.h"

G_BEGIN_DECLS

GVariant *runconfd_explain_path (const RunconfdLookup *lookup, const RunconfPath *path,
                                 gsize *n_values, gsize *size);
void runconfd_explain_provenance (GVariantDict *words, const RunconfProvenance *provenance);

void runconfd_find_explain_concern (RunconfdCall *call, RunconfdConcern *concern);
void runconfd_explain (RunconfdCall *call);

G_END_DECLS
