/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"
#include "yaml/text.h"

G_BEGIN_DECLS

gboolean runconf_reader_read (const RunconfText *text, RunconfNode **root, GArray *spans,
                              GError **error);

G_END_DECLS
