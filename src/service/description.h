/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/configuration.h"

G_BEGIN_DECLS

GVariant *runconfd_make_description (RunconfdConfiguration *configuration, const RunconfPath *path,
                                     gboolean is_writable, GError **error);

G_END_DECLS
