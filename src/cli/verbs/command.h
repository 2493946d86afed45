/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/terminal/exit.h"
#include "cli/session/session.h"

CliExit cli_command_run (int argc, char **argv);
CliExit cli_command_perform (CliSession *session, int argc, char **argv);
