/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/item.h"

void
runconf_etcd_item_free (RunconfEtcdItem *self)
{
  g_free (self->key);
  g_clear_pointer (&self->value, g_bytes_unref);
  g_free (self);
}

void
runconf_etcd_event_free (RunconfEtcdEvent *self)
{
  runconf_etcd_item_free (self->item);
  g_free (self);
}
