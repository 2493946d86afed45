/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>
#include <runconf/runconf.h>

G_BEGIN_DECLS

void editor_change_list_show (GtkListBox *list, GList *changes);

G_END_DECLS
