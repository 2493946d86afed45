/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean editor_override_is_unset (GVariant *override);
GVariant *editor_override_get_replacement (GVariant *override);
char *editor_override_to_line (GVariant *override);

G_END_DECLS
