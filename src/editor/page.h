/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "editor/place.h"

G_BEGIN_DECLS

/* A page about a place and a path in it. Properties: place (nullable), path. */
#define EDITOR_TYPE_PAGE (editor_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (EditorPage, editor_page, EDITOR, PAGE, AdwBin)

/**
 * EditorPageClass:
 * @show: called when the page has another place or another path, and when its place was opened
 * @changed: called when values of the place changed; the change is %NULL if everything may be different
 *
 * The class of pages. Both are called only while the page is on the screen and has a place with a
 * configuration. When the page comes to the screen after changes, @show is called once for all of them.
 */
struct _EditorPageClass
{
  AdwBinClass parent_class;

  void (*show) (EditorPage *self);
  void (*changed) (EditorPage *self, RunconfChange *change);
};

EditorPlace *editor_page_get_place (EditorPage *self);
RunconfConfiguration *editor_page_get_configuration (EditorPage *self);
const char *editor_page_get_path (EditorPage *self);
GCancellable *editor_page_restart (EditorPage *self);

G_END_DECLS
