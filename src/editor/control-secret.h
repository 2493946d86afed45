/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/control.h"

G_BEGIN_DECLS

/* A secret, which is hidden until the user asks for it. Signal: `reveal`, when the user does so. */
#define EDITOR_TYPE_CONTROL_SECRET (editor_control_secret_get_type ())
G_DECLARE_FINAL_TYPE (EditorControlSecret, editor_control_secret, EDITOR, CONTROL_SECRET,
                      EditorControl)

void editor_control_secret_reveal (EditorControlSecret *self, GVariant *value);

G_END_DECLS
