/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtksourceview/gtksource.h>

#include "editor/page.h"

G_BEGIN_DECLS

GtkSourceCompletionProvider *editor_key_provider_new (EditorPage *page);

G_END_DECLS
