/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

GVariant *runconf_backend_value_new (GVariant *form, const GVariantType *type, GError **error);

G_END_DECLS
