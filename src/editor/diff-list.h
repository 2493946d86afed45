/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>
#include <runconf/runconf.h>

G_BEGIN_DECLS

void editor_diff_list_show (GtkBox *box, RunconfChange *change);

G_END_DECLS
