/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/filter.h"

G_BEGIN_DECLS

/* The values of a place that a query finds: a GListModel of EditorItem, which follows each change. It
 * has the first ones only, until all are asked for. Signal: `updated`, when it has other results or another
 * problem.
 */
#define EDITOR_TYPE_SEARCH (editor_search_get_type ())
G_DECLARE_FINAL_TYPE (EditorSearch, editor_search, EDITOR, SEARCH, GObject)

EditorSearch *editor_search_new (void);

void editor_search_prepare (EditorSearch *self);
void editor_search_show_all (EditorSearch *self);
void editor_search_set_place (EditorSearch *self, EditorPlace *place);
void editor_search_set_query (EditorSearch *self, const char *query);
void editor_search_set_filter (EditorSearch *self, EditorFilter filter);

gboolean editor_search_is_active (EditorSearch *self);
guint editor_search_get_n_results (EditorSearch *self);
gboolean editor_search_is_ready (EditorSearch *self);
const char *editor_search_get_problem (EditorSearch *self);

G_END_DECLS
