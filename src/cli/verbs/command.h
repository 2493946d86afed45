/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/session/session.h"
#include "cli/terminal/exit.h"

CliExit cli_command_run (int argc, char **argv);
CliExit cli_command_perform (CliSession *session, int argc, char **argv);
