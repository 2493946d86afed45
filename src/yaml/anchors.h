/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfAnchor:
 * @span: the index of the node that has the anchor
 * @is_collection: whether that node is a sequence or a mapping
 * @node: (nullable): the node; %NULL until its collection is closed
 * @written: (nullable): a scalar as it is written; %NULL if it is too long for a key
 * @length: the length of @written
 *
 * An anchor of the text, which aliases can refer to.
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
 * The anchors of a text by name. If a text defines a name again, the latest anchor counts.
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
