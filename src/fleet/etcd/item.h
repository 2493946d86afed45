/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfEtcdItem:
 * @key: the key; items whose key isn't UTF-8 or has a NUL byte are left out
 * @value: the value; empty if only keys were asked for, and for a deleted key
 * @create_revision: the revision of the creation; 0 for a deleted key
 * @mod_revision: the revision of the last change
 * @version: the number of changes since the creation; 0 for a deleted key
 * @lease: the lease that the key lives as long as, or 0
 *
 * A key with its value.
 */
typedef struct
{
  char *key;
  GBytes *value;
  gint64 create_revision;
  gint64 mod_revision;
  gint64 version;
  gint64 lease;
} RunconfEtcdItem;

void runconf_etcd_item_free (RunconfEtcdItem *self);

/**
 * RunconfEtcdEvent:
 * @is_delete: whether the key was deleted, and not put
 * @item: the key; for a delete with its mod_revision alone
 *
 * One change of a key.
 */
typedef struct
{
  gboolean is_delete;
  RunconfEtcdItem *item;
} RunconfEtcdEvent;

void runconf_etcd_event_free (RunconfEtcdEvent *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfEtcdItem, runconf_etcd_item_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfEtcdEvent, runconf_etcd_event_free)

G_END_DECLS
