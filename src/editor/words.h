/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/place.h"

G_BEGIN_DECLS

/* The titles and descriptions of the values of a place, of at most 5,000 of them. Signal: `changed`, when
 * there are more.
 */
#define EDITOR_TYPE_WORDS (editor_words_get_type ())
G_DECLARE_FINAL_TYPE (EditorWords, editor_words, EDITOR, WORDS, GObject)

EditorWords *editor_words_new (EditorPlace *place);

void editor_words_start (EditorWords *self);
void editor_words_wait (EditorWords *self);
GHashTable *editor_words_copy_table (EditorWords *self);

G_END_DECLS
