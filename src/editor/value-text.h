/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *editor_value_to_line (GVariant *value);

G_END_DECLS
