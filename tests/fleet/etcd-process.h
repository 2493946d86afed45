/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "fleet/etcd/watch.h"

G_BEGIN_DECLS

#define MAX_MEMBERS 3

/* A cluster of etcd processes on loopback, in a folder of its own. */
typedef struct
{
  char *folder;
  guint n_members;
  guint16 client_ports[MAX_MEMBERS];
  guint16 peer_ports[MAX_MEMBERS];
  GPid pids[MAX_MEMBERS]; /* 0 if it doesn't run */
  const char *scheme;
  char **options; /* (nullable): further ones */
} Cluster;

/* Returns: whether etcd is installed; else the test is told to be skipped */
gboolean cluster_is_there (void);
Cluster *cluster_new (guint n_members, const char *folder, const char *scheme,
                      const char *const *options);
void cluster_start (Cluster *self, guint member);
void cluster_end (Cluster *self, guint member, int signal_number);
void cluster_signal (Cluster *self, guint member, int signal_number);
void cluster_free (Cluster *self);
RunconfEtcdSettings *cluster_make_settings (Cluster *self);
RunconfEtcd *cluster_connect (Cluster *self);
guint cluster_find_leader (Cluster *self);
void cluster_wait_ready (Cluster *self);

/* calls that wait for their answer, in the default main context */
RunconfEtcdRange *range_sync (RunconfEtcd *etcd, const char *key, const char *end,
                              const RunconfEtcdRangeOptions *options, GError **error);
RunconfEtcdRange *list_sync (RunconfEtcd *etcd, const char *prefix,
                             const RunconfEtcdRangeOptions *options, RunconfEtcdSkipFunc skip,
                             GError **error);
RunconfEtcdOutcome *commit_sync (RunconfEtcd *etcd, RunconfEtcdTxn *txn, GError **error);
gint64 grant_sync (RunconfEtcd *etcd, gint64 lease, guint seconds, GError **error);
gint64 keep_alive_sync (RunconfEtcd *etcd, gint64 lease, GError **error);
gboolean revoke_sync (RunconfEtcd *etcd, gint64 lease, GError **error);
gint64 put_sync (RunconfEtcd *etcd, const char *key, const char *value);
char *get_sync (RunconfEtcd *etcd, const char *key);
JsonNode *post_sync (RunconfEtcd *etcd, guint endpoint, const char *path, const char *body);

/* a watch that notes the changes */
typedef struct
{
  RunconfEtcdWatch *watch;
  GPtrArray *events; /* of strings: "put KEY VALUE REVISION", "delete KEY REVISION" */
  guint n_batches;
  gint64 last_event; /* of the monotonic clock */
  gint64 revision;   /* of the last event */
  guint n_reloads;
  char *reload;
  guint n_breaks;
  gint64 last_break;
  char *message;
} Listener;

Listener *listener_new (RunconfEtcd *etcd, const char *prefix, gint64 revision);
void listener_free (Listener *self);

/* Runs the main loop until @done or for @seconds. Returns: whether it is done */
gboolean run_until (gboolean (*done) (gpointer), gpointer user_data, double seconds);
void listener_wait_events (Listener *self, guint n_events);
void listener_wait_connected (Listener *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Cluster, cluster_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Listener, listener_free)

G_END_DECLS
