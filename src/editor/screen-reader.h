/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtksourceview/gtksource.h>

G_BEGIN_DECLS

void editor_screen_reader_guard (GtkSourceBuffer *buffer);

G_END_DECLS
