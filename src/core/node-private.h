/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/* Properties of a node beside its value.
 * @RUNCONF_NODE_PLAIN: a string without quotes in the text: a number that fits no type
 * @RUNCONF_NODE_REPLACING: a mapping that replaces the values of weaker layers as a whole
 * @RUNCONF_NODE_TAGGED: an unset, a replacing mapping, or a collection that holds one of them
 */
typedef enum
{
  RUNCONF_NODE_PLAIN = 1 << 0,
  RUNCONF_NODE_REPLACING = 1 << 1,
  RUNCONF_NODE_TAGGED = 1 << 2,
} RunconfNodeFlags;

/* The header of every node, aligned for the data after it. With it, a scalar fits the smallest
 * block of malloc.
 */
struct _RunconfNode
{
  _Alignas(gint64) gint ref_count; /* atomic; the functions for gatomicrefcount are not inlined */
  guint8 kind;
  guint8 flags; /* RunconfNodeFlags */
  guint16 cost; /* nesting depth in a D-Bus message, in containers, without the variant around it */
};

/* The header of a sequence or mapping. */
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
