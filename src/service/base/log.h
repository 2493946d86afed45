/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <syslog.h>

#include <glib.h>

G_BEGIN_DECLS

void runconfd_log (int priority, const char *configuration, guint64 version, const char *path,
                   const char *format, ...) G_GNUC_PRINTF (5, 6);

/**
 * RunconfdLogLimit:
 *
 * Limits a message that any caller can cause to one in 10 seconds. Initialize it with zeros.
 */
typedef struct
{
  gint64 logged_at;
  guint n_omitted;
} RunconfdLogLimit;

gboolean runconfd_log_is_due (RunconfdLogLimit *limit, guint *n_omitted);

G_END_DECLS
