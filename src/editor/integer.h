/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An integer that a configuration can have, from -2^63 to 2^64 - 1, which no type of C has. */
typedef struct
{
  gboolean is_negative;
  guint64 magnitude;
} EditorInteger;

gboolean editor_integer_read (GVariant *value, EditorInteger *integer);
EditorInteger editor_integer_from_double (double number);
EditorInteger editor_integer_add (EditorInteger a, EditorInteger b);
EditorInteger editor_integer_clamp (EditorInteger number, EditorInteger lowest,
                                    EditorInteger highest);
GVariant *editor_integer_to_variant (EditorInteger number);

G_END_DECLS
