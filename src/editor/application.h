/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define EDITOR_TYPE_APPLICATION (editor_application_get_type ())
G_DECLARE_FINAL_TYPE (EditorApplication, editor_application, EDITOR, APPLICATION, AdwApplication)

EditorApplication *editor_application_new (void);

G_END_DECLS
