/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/etcd/range.h"

G_BEGIN_DECLS

/* the operations of one transaction, as etcd limits them unless it is told otherwise */
#define RUNCONF_ETCD_MAX_OPERATIONS 128

/* the bytes of a request that etcd takes unless it is told otherwise */
#define RUNCONF_ETCD_MAX_REQUEST_BYTES (1536 * 1024)

/**
 * RunconfEtcdTxn:
 *
 * A transaction: if all comparisons hold, its operations are made, and otherwise its reads.
 */
typedef struct _RunconfEtcdTxn RunconfEtcdTxn;

RunconfEtcdTxn *runconf_etcd_txn_new (void);
void runconf_etcd_txn_free (RunconfEtcdTxn *self);

/* the comparisons; a revision of 0 says that there is no such key */
void runconf_etcd_txn_compare_mod (RunconfEtcdTxn *self, const char *key, gint64 mod_revision);
void runconf_etcd_txn_compare_create (RunconfEtcdTxn *self, const char *key,
                                      gint64 create_revision);

/* the operations; a key may be in one of them only */
void runconf_etcd_txn_put (RunconfEtcdTxn *self, const char *key, GBytes *value, gint64 lease);
void runconf_etcd_txn_delete (RunconfEtcdTxn *self, const char *key);
void runconf_etcd_txn_delete_range (RunconfEtcdTxn *self, const char *key, const char *range_end);

/* a read, made with the operations; it sees those before it. @range_end and @options are nullable */
void runconf_etcd_txn_get (RunconfEtcdTxn *self, const char *key, const char *range_end,
                           const RunconfEtcdRangeOptions *options);

/* reads of the keys, made if a comparison doesn't hold */
void runconf_etcd_txn_else_get (RunconfEtcdTxn *self, const char *key);

/* a key with a unique name, like one of the history, that this transaction puts and that stays: it
 * proves that the transaction was made, so that it can be repeated until it has an answer
 */
void runconf_etcd_txn_set_proof (RunconfEtcdTxn *self, const char *key);

/* allows to repeat the transaction without a proof: if it doesn't succeed, it may have been made
 * before, and the caller finds that out with runconf_etcd_txn_else_get()
 */
void runconf_etcd_txn_set_repeatable (RunconfEtcdTxn *self);

guint runconf_etcd_txn_get_n_operations (RunconfEtcdTxn *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfEtcdTxn, runconf_etcd_txn_free)

G_END_DECLS
