/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/ground.h"
#include "service/base/settings.h"
#include "service/sources/load.h"

G_BEGIN_DECLS

/**
 * RunconfdSources:
 *
 * The files that the service reads and never writes: the defaults, the schema and the locks. It watches
 * them, and keeps their last good content.
 */
typedef struct _RunconfdSources RunconfdSources;

/* Called when a file changed and is quiet. */
typedef void (*RunconfdSourcesFunc) (gpointer user_data);

RunconfdSources *runconfd_sources_new (const RunconfdSettings *settings,
                                       RunconfdSourcesFunc changed, gpointer user_data);
void runconfd_sources_free (RunconfdSources *self);

RunconfFreshness runconfd_sources_check (RunconfdSources *self);
void runconfd_sources_prepare_load (RunconfdSources *self, RunconfdLoad *load);
void runconfd_sources_take_patience (RunconfdSources *self, const RunconfdLoad *load);
void runconfd_sources_take (RunconfdSources *self, const RunconfdLoad *load);
RunconfGround *runconfd_sources_make_ground (RunconfdSources *self, const RunconfdLoad *load,
                                             RunconfGround *current);

RunconfStack *runconfd_sources_get_stack (RunconfdSources *self);
const char *runconfd_sources_get_defaults_path (RunconfdSources *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdSources, runconfd_sources_free)

G_END_DECLS
