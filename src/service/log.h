/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <syslog.h>

#include <glib.h>

G_BEGIN_DECLS

void runconfd_log (int priority, const char *configuration, guint64 version, const char *path,
                   const char *format, ...) G_GNUC_PRINTF (5, 6);

G_END_DECLS
