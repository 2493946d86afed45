/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/etcd/item.h"

G_BEGIN_DECLS

/**
 * RunconfEtcdRangeOptions:
 * @revision: the revision to read at, or 0 for the newest
 * @limit: the most items, or 0 for no limit
 * @keys_only: whether values are left out
 * @newest_first: whether items are sorted by their create revision, the newest first, and not by
 *   key
 * @serializable: whether any member may answer, without the others: the answer may be old
 *
 * How a range is read.
 */
typedef struct
{
  gint64 revision;
  gint64 limit;
  gboolean keys_only;
  gboolean newest_first;
  gboolean serializable;
} RunconfEtcdRangeOptions;

/**
 * RunconfEtcdRange:
 * @items: (element-type RunconfEtcdItem): the items; those whose key isn't text are left out
 * @count: how many items the range has, even if a limit left some out
 * @last: (nullable): the last key that was read, text or not, if a limit left some out behind it
 * @revision: the revision of etcd at the answer, to watch from the next one on
 *
 * The outcome of a read.
 */
typedef struct
{
  GPtrArray *items;
  gint64 count;
  GBytes *last;
  gint64 revision;
} RunconfEtcdRange;

void runconf_etcd_range_free (RunconfEtcdRange *self);
char *runconf_etcd_get_prefix_end (const char *prefix);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfEtcdRange, runconf_etcd_range_free)

G_END_DECLS
