/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"

G_BEGIN_DECLS

/**
 * CliAgent:
 *
 * Asks who sits at the terminal for a password, where polkit wants one and nothing else is there to
 * ask, as over ssh.
 */
typedef struct _CliAgent CliAgent;

CliAgent *cli_agent_new (const CliOptions *options);
void cli_agent_free (CliAgent *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliAgent, cli_agent_free)

G_END_DECLS
