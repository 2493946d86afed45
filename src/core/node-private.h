/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/* What every node begins with, aligned for whatever follows it. A scalar fits the smallest block of
 * malloc with it.
 */
struct _RunconfNode
{
  _Alignas(gint64) gint ref_count; /* atomic; the functions for gatomicrefcount are not inlined */
  guint8 kind;
  guint8 plain; /* a string that stood plain in the text: a number that fits no type */
  guint16 cost; /* containers that it takes in a D-Bus message, without the variant around it */
};

/* What a sequence or mapping begins with. */
typedef struct
{
  RunconfNode node;
  guint length;
  gsize n_nodes;
  gsize n_bytes;
} RunconfCollection;

void runconf_node_init (RunconfNode *self, RunconfKind kind);
void runconf_collection_count (RunconfCollection *self, const RunconfNode *child);
void runconf_collection_uncount (RunconfCollection *self, const RunconfNode *child);

void runconf_mapping_dispose (RunconfNode *self);
const RunconfNode *runconf_mapping_get_value (const RunconfNode *self, guint position);
gsize runconf_mapping_measure_unshared (const RunconfNode *self, const RunconfNode *shared);
gboolean runconf_mapping_equal (const RunconfNode *a, const RunconfNode *b);

G_END_DECLS
