/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* the longest pauses between attempts, in ms: of a call, and of a watch */
#define RUNCONF_ETCD_CALL_PAUSE_MS 500
#define RUNCONF_ETCD_WATCH_PAUSE_MS 5000

guint runconf_etcd_get_pause (guint failures, guint n_endpoints, guint max_ms, double chance);
guint runconf_etcd_get_patience (guint failures, guint n_endpoints, guint attempt_ms);

G_END_DECLS
