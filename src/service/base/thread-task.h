/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*RunconfdThreadTaskFunc) (gpointer data);

void runconfd_thread_task_start (RunconfdThreadTaskFunc run, RunconfdThreadTaskFunc finish,
                                 gpointer data);

G_END_DECLS
