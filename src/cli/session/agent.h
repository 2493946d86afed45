/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/terminal/options.h"

G_BEGIN_DECLS

/**
 * CliAgent:
 *
 * A polkit agent on the terminal, which asks the user for a password if polkit requires one and
 * there is no other agent, for example over ssh.
 */
typedef struct _CliAgent CliAgent;

CliAgent *cli_agent_new (const CliOptions *options);
void cli_agent_free (CliAgent *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliAgent, cli_agent_free)

G_END_DECLS
