/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/stat.h>

#include <glib.h>

G_BEGIN_DECLS

gboolean runconf_attributes_copy (int from, const struct stat *status, int to,
                                  const struct stat *now);

G_END_DECLS
