/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* GVariants that are made once: booleans and small integers. */

GVariant *runconf_small_get (char type, guint64 value);

G_END_DECLS
