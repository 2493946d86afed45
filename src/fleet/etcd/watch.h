/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/etcd/etcd.h"

G_BEGIN_DECLS

#define RUNCONF_TYPE_ETCD_WATCH (runconf_etcd_watch_get_type ())
G_DECLARE_FINAL_TYPE (RunconfEtcdWatch, runconf_etcd_watch, RUNCONF, ETCD_WATCH, GObject)

/**
 * RunconfEtcdWatch:
 *
 * The changes of some ranges of keys, over one stream. A stream that breaks, or whose member is
 * silent, goes on over another endpoint, from the last revision that was seen.
 *
 * Signals:
 * - `events (GPtrArray *events, gint64 revision)`: changes (of type RunconfEtcdEvent), ordered by
 *   revision, all those of one range and revision together. @revision is that of the last one.
 * - `reload (const char *reason)`: revisions that weren't seen are compacted, or etcd lost some. The
 *   watch has stopped; read the ranges again, then call runconf_etcd_watch_start().
 * - `state (gboolean is_connected, const char *message)`: the stream was established, or broke with
 *   the error @message. The watch goes on trying. It is emitted again if the message changes.
 */
RunconfEtcdWatch *runconf_etcd_watch_new (RunconfEtcd *etcd);
void runconf_etcd_watch_clear (RunconfEtcdWatch *self);
void runconf_etcd_watch_add (RunconfEtcdWatch *self, const char *key, const char *range_end);
void runconf_etcd_watch_start (RunconfEtcdWatch *self, gint64 revision);
void runconf_etcd_watch_stop (RunconfEtcdWatch *self);
gboolean runconf_etcd_watch_is_connected (RunconfEtcdWatch *self);

G_END_DECLS
