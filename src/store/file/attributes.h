/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean runconf_attributes_copy (int from, int to);

G_END_DECLS
