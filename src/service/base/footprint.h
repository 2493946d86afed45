/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void runconfd_footprint_init (void);
void runconfd_footprint_tidy (void);

G_END_DECLS
