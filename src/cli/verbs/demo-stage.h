/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/session/session.h"

G_BEGIN_DECLS

/**
 * CliDemoStage:
 *
 * The configuration of the demo: with a temporary folder and a service of its own, which are removed
 * at the end, or one of a service that the user named.
 */
typedef struct _CliDemoStage CliDemoStage;

CliDemoStage *cli_demo_stage_new (CliSession *session, GError **error);
void cli_demo_stage_free (CliDemoStage *self);

gboolean cli_demo_stage_is_private (CliDemoStage *self);
const char *cli_demo_stage_get_folder (CliDemoStage *self);
CliSession *cli_demo_stage_get_session (CliDemoStage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliDemoStage, cli_demo_stage_free)

G_END_DECLS
