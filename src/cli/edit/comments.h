/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean cli_comments_grew (GBytes *before, GBytes *after);

G_END_DECLS
