/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean runconf_value_mapping_covers (GType type);
gboolean runconf_value_mapping_get (GValue *value, GVariant *variant);
GVariant *runconf_value_mapping_set (const GValue *value);

G_END_DECLS
