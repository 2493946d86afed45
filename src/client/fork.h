/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* written by the child of a fork() only, before it has other threads */
extern int runconf_fork_is_child;

void runconf_fork_note_bus (void);
gboolean runconf_fork_check (GError **error);

G_END_DECLS
