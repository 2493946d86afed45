/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean runconf_backend_can_be_merged (GVariant *form);
char *runconf_backend_merge_text_new (GTree *change);

G_END_DECLS
