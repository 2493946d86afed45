/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The own changes of a place that can be reverted, and the reverts that can be reverted again. */
#define EDITOR_TYPE_UNDO (editor_undo_get_type ())
G_DECLARE_FINAL_TYPE (EditorUndo, editor_undo, EDITOR, UNDO, GObject)

/**
 * EditorDirection:
 * @EDITOR_DIRECTION_UNDO: to revert a change
 * @EDITOR_DIRECTION_REDO: to revert a revert
 */
typedef enum
{
  EDITOR_DIRECTION_UNDO,
  EDITOR_DIRECTION_REDO,
} EditorDirection;

EditorUndo *editor_undo_new (void);

void editor_undo_note (EditorUndo *self, guint64 version);
guint64 editor_undo_take (EditorUndo *self, EditorDirection direction);
void editor_undo_forget (EditorUndo *self, guint64 version);
void editor_undo_put (EditorUndo *self, EditorDirection direction, guint64 version);

G_END_DECLS
