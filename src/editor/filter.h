/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/index.h"
#include "editor/place.h"

G_BEGIN_DECLS

/**
 * EditorFilter:
 * @EDITOR_FILTER_ALL: all values
 * @EDITOR_FILTER_CHANGED: the values that differ from their defaults
 * @EDITOR_FILTER_IGNORED: the values of all layers that have no effect
 * @EDITOR_FILTER_LOCKED: the values that a lock keeps
 * @EDITOR_FILTER_WRONG: the overrides that the schema refuses
 *
 * The values that a search looks at.
 */
typedef enum
{
  EDITOR_FILTER_ALL,
  EDITOR_FILTER_CHANGED,
  EDITOR_FILTER_IGNORED,
  EDITOR_FILTER_LOCKED,
  EDITOR_FILTER_WRONG,
} EditorFilter;

void editor_filter_make_index (RunconfConfiguration *configuration, EditorFilter filter,
                               GHashTable *words, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
EditorIndex *editor_filter_make_index_finish (GAsyncResult *result, GError **error);

G_END_DECLS
