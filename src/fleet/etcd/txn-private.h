/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/etcd/txn.h"

G_BEGIN_DECLS

struct _RunconfEtcdTxn
{
  GString *compares; /* JSON, without the brackets around */
  GString *operations;
  GString *reads;
  guint n_compares;
  guint n_operations;
  guint n_reads; /* with the operations */
  char *proof;   /* (nullable) */
  char *key;     /* (nullable): the first one that is written or read, for messages */
  gboolean is_repeatable;
};

GString *runconf_etcd_txn_to_json (const RunconfEtcdTxn *self);

G_END_DECLS
