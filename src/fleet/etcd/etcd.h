/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "fleet/etcd/error.h"
#include "fleet/etcd/range.h"
#include "fleet/etcd/settings.h"
#include "fleet/etcd/txn.h"

G_BEGIN_DECLS

#define RUNCONF_TYPE_ETCD (runconf_etcd_get_type ())
G_DECLARE_FINAL_TYPE (RunconfEtcd, runconf_etcd, RUNCONF, ETCD, GObject)

/**
 * RunconfEtcd:
 *
 * A client of etcd, over the JSON gateway of its members. It works in the main context that was the
 * thread's default when it was made, and its calls return there. A call goes from endpoint to
 * endpoint until one answers or the deadline of the settings is over; a token that etcd no longer
 * knows is renewed.
 */
RunconfEtcd *runconf_etcd_new (const RunconfEtcdSettings *settings, GError **error);
void runconf_etcd_end (RunconfEtcd *self);

/* @range_end: (nullable): the first key behind the range, as runconf_etcd_get_prefix_end() returns
 * for a prefix; %NULL for the one @key
 */
void runconf_etcd_range_async (RunconfEtcd *self, const char *key, const char *range_end,
                               const RunconfEtcdRangeOptions *options, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
RunconfEtcdRange *runconf_etcd_range_finish (RunconfEtcd *self, GAsyncResult *result,
                                             GError **error);

/**
 * RunconfEtcdSkipFunc:
 * @last: the last key of a page
 *
 * Returns: (transfer full) (nullable): the key behind @last to go on from; %NULL for the next one
 */
typedef char *(*RunconfEtcdSkipFunc) (const char *last, gpointer user_data);

void runconf_etcd_list_async (RunconfEtcd *self, const char *prefix,
                              const RunconfEtcdRangeOptions *options, RunconfEtcdSkipFunc skip,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
RunconfEtcdRange *runconf_etcd_list_finish (RunconfEtcd *self, GAsyncResult *result,
                                            GError **error);

/**
 * RunconfEtcdOutcome:
 * @succeeded: whether the comparisons held, so that the operations were made
 * @revision: the revision of the transaction if it succeeded, and otherwise that of the reads
 * @ranges: (element-type RunconfEtcdRange): the outcomes of runconf_etcd_txn_get() if it succeeded,
 *   and otherwise those of runconf_etcd_txn_else_get(), in their order; none if a copy of the
 *   request was made before
 *
 * The outcome of a transaction.
 */
typedef struct
{
  gboolean succeeded;
  gint64 revision;
  GPtrArray *ranges;
} RunconfEtcdOutcome;

const RunconfEtcdItem *runconf_etcd_outcome_get (const RunconfEtcdOutcome *self, guint read);
gint64 runconf_etcd_outcome_count (const RunconfEtcdOutcome *self, guint read);
void runconf_etcd_outcome_free (RunconfEtcdOutcome *self);

void runconf_etcd_commit_async (RunconfEtcd *self, RunconfEtcdTxn *txn, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
RunconfEtcdOutcome *runconf_etcd_commit_finish (RunconfEtcd *self, GAsyncResult *result,
                                                GError **error);

/* leases; times to live are in seconds. A lease that is gone is %RUNCONF_ETCD_ERROR_NOT_FOUND. */
void runconf_etcd_grant_async (RunconfEtcd *self, gint64 lease, guint seconds,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data);
gint64 runconf_etcd_grant_finish (RunconfEtcd *self, GAsyncResult *result, GError **error);
void runconf_etcd_keep_alive_async (RunconfEtcd *self, gint64 lease, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
gint64 runconf_etcd_keep_alive_finish (RunconfEtcd *self, GAsyncResult *result, GError **error);
void runconf_etcd_revoke_async (RunconfEtcd *self, gint64 lease, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
gboolean runconf_etcd_revoke_finish (RunconfEtcd *self, GAsyncResult *result, GError **error);

const RunconfEtcdSettings *runconf_etcd_get_settings (RunconfEtcd *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfEtcdOutcome, runconf_etcd_outcome_free)

G_END_DECLS
