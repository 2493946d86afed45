/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "editor/place.h"

G_BEGIN_DECLS

/* The keys of a mapping, each with a way to its page, and a new key. Property: is-boot, whether the new
 * key is one for this boot.
 */
#define EDITOR_TYPE_MAPPING_VIEW (editor_mapping_view_get_type ())
G_DECLARE_FINAL_TYPE (EditorMappingView, editor_mapping_view, EDITOR, MAPPING_VIEW, AdwBin)

void editor_mapping_view_show (EditorMappingView *self, EditorPlace *place,
                               RunconfDescription *description);

G_END_DECLS
