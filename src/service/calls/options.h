/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/options.h"
#include "service/change/request.h"

G_BEGIN_DECLS

gboolean runconfd_options_read_request (GVariant *options, gboolean may_be_boot,
                                        RunconfdRequest *request, GError **error);

G_END_DECLS
