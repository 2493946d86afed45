/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean editor_equal (GVariant *a, GVariant *b);

G_END_DECLS
