/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

void editor_report (GtkWidget *widget, const char *text);

G_END_DECLS
