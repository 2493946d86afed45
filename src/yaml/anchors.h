/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfAnchor:
 * @span: which node of the text has it
 * @is_collection: whether it is a sequence or a mapping
 * @node: (nullable): the node, %NULL while its collection is open
 * @written: (nullable): a scalar as it is written, %NULL if it is too long for a key
 * @length: the length of @written
 *
 * What an alias can refer to.
 */
typedef struct
{
  guint span;
  gboolean is_collection;
  RunconfNode *node;
  char *written;
  gsize length;
} RunconfAnchor;

/**
 * RunconfAnchors:
 *
 * The anchors of a text by name. The latest one of a name counts.
 */
typedef struct _RunconfAnchors RunconfAnchors;

RunconfAnchors *runconf_anchors_new (void);
void runconf_anchors_free (RunconfAnchors *self);

void runconf_anchors_add_scalar (RunconfAnchors *self, const char *name, guint span,
                                 const RunconfNode *node, const char *written, gsize length);
void runconf_anchors_open (RunconfAnchors *self, const char *name, guint span);
void runconf_anchors_close (RunconfAnchors *self, const char *name, guint span,
                            const RunconfNode *node);
const RunconfAnchor *runconf_anchors_find (const RunconfAnchors *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfAnchors, runconf_anchors_free)

G_END_DECLS
