/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/exit.h"

CliExit cli_command_run (int argc, char **argv);
