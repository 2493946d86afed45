/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

char *cli_format_time (guint64 microseconds);
char *cli_format_user (guint uid);
char *cli_format_number (guint64 number);
char *cli_format_value (const RunconfNode *value);

G_END_DECLS
