/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean runconf_worker_is_current (void);
void runconf_worker_post (void (*function) (gpointer), gpointer data, GDestroyNotify destroy);
GSource *runconf_worker_post_later (guint ms, void (*function) (gpointer), gpointer data,
                                    GDestroyNotify destroy);

G_END_DECLS
