/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/terminal/exit.h"

CliExit fleet_command_run (int argc, char **argv);
