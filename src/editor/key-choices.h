/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

#include "editor/key-choice.h"

G_BEGIN_DECLS

GListModel *editor_key_choices_list_keys (const char *parent, char **present,
                                          RunconfDescription *description);
GListModel *editor_key_choices_list_values (const char *path, RunconfDescription *description);
GListModel *editor_key_choices_filter (GListModel *choices, const char *begin);

G_END_DECLS
