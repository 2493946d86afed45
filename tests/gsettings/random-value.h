/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Random GVariants, of all types that a key can have. g_test prints the seed. */

GVariantType *random_type (guint depth);
GVariant *random_value (const GVariantType *type, guint depth);

char *print_sorted (GVariant *value);

G_END_DECLS
