/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The old and the new value of a path, one above the other. */
#define EDITOR_TYPE_DIFF (editor_diff_get_type ())
G_DECLARE_FINAL_TYPE (EditorDiff, editor_diff, EDITOR, DIFF, AdwBin)

EditorDiff *editor_diff_new (void);

void editor_diff_set_texts (EditorDiff *self, const char *path, const char *old, const char *new);

G_END_DECLS
