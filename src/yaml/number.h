/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void runconf_number_append (GString *out, double number);
void runconf_number_append_integer (GString *out, gint64 number);

G_END_DECLS
