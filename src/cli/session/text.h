/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

GBytes *cli_text_read (const char *file, GError **error);
RunconfNode *cli_text_parse_mapping (GBytes *text, const char *file, gint *position,
                                     GError **error);
RunconfNode *cli_text_read_mapping (const char *file, GError **error);

G_END_DECLS
