/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/etcd/etcd.h"
#include "fleet/etcd/watch-reader.h"

G_BEGIN_DECLS

/**
 * RunconfEtcdStreamFuncs:
 * @message: called for each message
 * @alive: called when the member has answered a probe
 * @end: called once, when the stream has ended; the error names the endpoint
 *
 * What a stream reports. Each function may close it.
 */
typedef struct
{
  void (*message) (const RunconfEtcdMessage *message, gpointer user_data);
  void (*alive) (gpointer user_data);
  void (*end) (RunconfEtcdVerdict verdict, const GError *error, gpointer user_data);
} RunconfEtcdStreamFuncs;

/**
 * RunconfEtcdStream:
 *
 * One connection with watches, to one endpoint. A member that is silent is probed: one that hangs,
 * or that knows no leader, ends the stream.
 */
typedef struct _RunconfEtcdStream RunconfEtcdStream;

RunconfEtcdStream *runconf_etcd_stream_open (RunconfEtcd *etcd, guint endpoint, GBytes *body,
                                             const char *token, const RunconfEtcdStreamFuncs *funcs,
                                             gpointer user_data);
void runconf_etcd_stream_close (RunconfEtcdStream *self);

G_END_DECLS
