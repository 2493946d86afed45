/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/place.h"

G_BEGIN_DECLS

/* The change of one path that the user is making. The service is asked about it, and it gets into the
 * basket of the place only if the service accepts it. Properties: problem: why it isn't accepted, empty
 * if it is; is-open: whether there is a change, also one that isn't accepted.
 */
#define EDITOR_TYPE_DRAFT (editor_draft_get_type ())
G_DECLARE_FINAL_TYPE (EditorDraft, editor_draft, EDITOR, DRAFT, GObject)

EditorDraft *editor_draft_new (EditorPlace *place, const char *path);

void editor_draft_try (EditorDraft *self, EditorPending *pending);
void editor_draft_refuse (EditorDraft *self, const char *problem);
void editor_draft_discard (EditorDraft *self);
void editor_draft_check_again (EditorDraft *self);

EditorPlace *editor_draft_get_place (EditorDraft *self);
const char *editor_draft_get_path (EditorDraft *self);
const char *editor_draft_get_problem (EditorDraft *self);
gboolean editor_draft_is_open (EditorDraft *self);
EditorPending *editor_draft_get_pending (EditorDraft *self);

G_END_DECLS
