/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfdRetry:
 *
 * The time of the next try to write a text, or a history, that couldn't be written.
 */
typedef struct _RunconfdRetry RunconfdRetry;

/* Called when a retry is due. */
typedef void (*RunconfdRetryFunc) (gpointer user_data);

RunconfdRetry *runconfd_retry_new (RunconfdRetryFunc due, gpointer user_data);
void runconfd_retry_free (RunconfdRetry *self);

void runconfd_retry_plan (RunconfdRetry *self, gboolean is_needed);
void runconfd_retry_hurry (RunconfdRetry *self);
gboolean runconfd_retry_is_due (const RunconfdRetry *self);
void runconfd_retry_begin (RunconfdRetry *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdRetry, runconfd_retry_free)

G_END_DECLS
