/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

G_BEGIN_DECLS

/**
 * EditorVerb:
 * @EDITOR_VERB_SET: the path gets a value
 * @EDITOR_VERB_RESET: the path gets its default again
 * @EDITOR_VERB_UNSET: the path gets no value, even if it has a default
 *
 * The kind of a pending change.
 */
typedef enum
{
  EDITOR_VERB_SET,
  EDITOR_VERB_RESET,
  EDITOR_VERB_UNSET,
} EditorVerb;

/* A change of one path that isn't applied yet. It never changes itself: another one takes its place. */
#define EDITOR_TYPE_PENDING (editor_pending_get_type ())
G_DECLARE_FINAL_TYPE (EditorPending, editor_pending, EDITOR, PENDING, GObject)

EditorPending *editor_pending_new (EditorVerb verb, const char *path, GVariant *value);

EditorVerb editor_pending_get_verb (EditorPending *self);
const char *editor_pending_get_path (EditorPending *self);
GVariant *editor_pending_get_value (EditorPending *self);
void editor_pending_add_to (EditorPending *self, RunconfTransaction *transaction);

G_END_DECLS
