/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/etcd/failure.h"
#include "fleet/etcd/item.h"

G_BEGIN_DECLS

/* A line has the events of some revisions. The client asks etcd for fragments of a request's size;
 * in base64, with an operator's higher limit, this is enough.
 */
#define RUNCONF_ETCD_MAX_LINE_BYTES (32 * 1024 * 1024)

/* The most watches on one stream: each may hold back the events of a revision that isn't complete.
 */
#define RUNCONF_ETCD_MAX_WATCHES 64

/**
 * RunconfEtcdMessage:
 * @watch: the number of the watch that the message is for
 * @revision: the revision of etcd; 0 if the watch ended
 * @cluster: (nullable): the number of the cluster
 * @is_created: whether etcd started the watch
 * @is_cancelled: whether etcd ended the watch
 * @reason: (nullable): the reason for that
 * @compact_revision: the oldest revision that is left, if the watch ended since an older one was
 *   asked for; otherwise 0
 * @events: (element-type RunconfEtcdEvent): the events, whole revisions in order
 *
 * One message of a stream of watches.
 */
typedef struct
{
  gint64 watch;
  gint64 revision;
  char *cluster;
  gboolean is_created;
  gboolean is_cancelled;
  char *reason;
  gint64 compact_revision;
  GPtrArray *events;
} RunconfEtcdMessage;

void runconf_etcd_message_free (RunconfEtcdMessage *self);

/**
 * RunconfEtcdWatchReader:
 *
 * Reads a stream of watches, as the gateway sends it: JSON objects, one a line. It is pure: bytes
 * go in, messages or an error come out, however the bytes are cut. After an error it returns
 * nothing else.
 */
typedef struct _RunconfEtcdWatchReader RunconfEtcdWatchReader;

RunconfEtcdWatchReader *runconf_etcd_watch_reader_new (gsize max_bytes);
void runconf_etcd_watch_reader_free (RunconfEtcdWatchReader *self);
void runconf_etcd_watch_reader_push (RunconfEtcdWatchReader *self, gconstpointer data, gsize size);
RunconfEtcdMessage *runconf_etcd_watch_reader_next (RunconfEtcdWatchReader *self,
                                                    RunconfEtcdVerdict *verdict, GError **error);
gboolean runconf_etcd_watch_reader_end (RunconfEtcdWatchReader *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfEtcdMessage, runconf_etcd_message_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfEtcdWatchReader, runconf_etcd_watch_reader_free)

G_END_DECLS
