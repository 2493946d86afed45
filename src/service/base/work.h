/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*RunconfdWorkFunc) (gpointer data);

void runconfd_work_start (RunconfdWorkFunc run, RunconfdWorkFunc finish, gpointer data);

G_END_DECLS
