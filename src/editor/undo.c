/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/undo.h"

struct _EditorUndo
{
  GObject parent_instance;

  GArray *versions[2]; /* of guint64, by EditorDirection; the next one is the last */
};

G_DEFINE_FINAL_TYPE (EditorUndo, editor_undo, G_TYPE_OBJECT)

/* A change that the user has made: what was undone before can't be done again over it. */
void
editor_undo_note (EditorUndo *self, guint64 version)
{
  g_array_append_val (self->versions[EDITOR_DIRECTION_UNDO], version);
  g_array_set_size (self->versions[EDITOR_DIRECTION_REDO], 0);
}

/* Returns: the version to revert next, which is no longer there, or 0 if there is none */
guint64
editor_undo_take (EditorUndo *self, EditorDirection direction)
{
  GArray *versions = self->versions[direction];
  guint64 version;

  if (versions->len == 0)
    return 0;

  version = g_array_index (versions, guint64, versions->len - 1);
  g_array_set_size (versions, versions->len - 1);

  return version;
}

/* A change that was reverted in another way can't be undone once more. */
void
editor_undo_forget (EditorUndo *self, guint64 version)
{
  GArray *versions = self->versions[EDITOR_DIRECTION_UNDO];

  for (guint i = versions->len; i > 0; i--)
    if (g_array_index (versions, guint64, i - 1) == version)
      g_array_remove_index (versions, i - 1);
}

/* Makes a version the one to revert next. */
void
editor_undo_put (EditorUndo *self, EditorDirection direction, guint64 version)
{
  g_array_append_val (self->versions[direction], version);
}

static void
editor_undo_finalize (GObject *object)
{
  EditorUndo *self = EDITOR_UNDO (object);

  g_array_unref (self->versions[EDITOR_DIRECTION_UNDO]);
  g_array_unref (self->versions[EDITOR_DIRECTION_REDO]);

  G_OBJECT_CLASS (editor_undo_parent_class)->finalize (object);
}

static void
editor_undo_class_init (EditorUndoClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = editor_undo_finalize;
}

static void
editor_undo_init (EditorUndo *self)
{
  self->versions[EDITOR_DIRECTION_UNDO] = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->versions[EDITOR_DIRECTION_REDO] = g_array_new (FALSE, FALSE, sizeof (guint64));
}

EditorUndo *
editor_undo_new (void)
{
  return g_object_new (EDITOR_TYPE_UNDO, NULL);
}
