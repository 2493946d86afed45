/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The thread that calls the service, in the order of the jobs, and tells the program of changes. It
 * starts with the first job, and lives as long as the process.
 */
void runconf_backend_worker_post (void (*function) (gpointer), gpointer data,
                                  GDestroyNotify destroy);

G_END_DECLS
