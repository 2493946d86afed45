/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "cli/terminal/exit.h"

G_BEGIN_DECLS

CliExit dconf_system_import (const char *output, GPtrArray *complaints, GError **error);

G_END_DECLS
