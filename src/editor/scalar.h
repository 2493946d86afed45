/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/facts.h"

G_BEGIN_DECLS

char *editor_scalar_write (GVariant *value, EditorValueType type);
GVariant *editor_scalar_read (const char *text, EditorValueType type, GError **error);
gboolean editor_scalar_is (GVariant *value);

G_END_DECLS
