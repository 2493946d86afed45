/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

int editor_mistake_find_line (const char *message, const char *text);

G_END_DECLS
