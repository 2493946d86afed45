/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

gboolean cli_value_check_path (const char *path, GError **error);
RunconfNode *cli_value_read (const char *name, const char *text, const char *hint, GError **error);
gboolean cli_value_check_tags (const RunconfNode *value, const char *name, GError **error);
RunconfNode *cli_value_read_string (const char *name, const char *text, GError **error);
RunconfNode *cli_value_read_pair (const char *path, const char *text, gboolean is_literal,
                                  GError **error);
gboolean cli_value_read_number (const char *text, guint64 max, guint64 *number);
gboolean cli_value_read_version (const char *text, guint64 *version, GError **error);

G_END_DECLS
