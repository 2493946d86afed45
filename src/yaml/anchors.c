/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/anchors.h"

#include "core/compare.h"
#include "core/limits.h"

struct _RunconfAnchors
{
  GTree *by_name; /* RunconfAnchor; a tree, since hostile names can slow a hash table down */
};

static void
anchor_free (RunconfAnchor *self)
{
  g_clear_pointer (&self->node, runconf_node_unref);
  g_free (self->written);
  g_free (self);
}

static RunconfAnchor *
add (RunconfAnchors *self, const char *name, guint span)
{
  RunconfAnchor *anchor = g_new0 (RunconfAnchor, 1);

  anchor->span = span;
  g_tree_replace (self->by_name, g_strdup (name), anchor);

  return anchor;
}

RunconfAnchors *
runconf_anchors_new (void)
{
  RunconfAnchors *self = g_new0 (RunconfAnchors, 1);

  self->by_name
      = g_tree_new_full (runconf_compare_keys, NULL, g_free, (GDestroyNotify) anchor_free);

  return self;
}

void
runconf_anchors_free (RunconfAnchors *self)
{
  g_tree_unref (self->by_name);
  g_free (self);
}

/**
 * runconf_anchors_add_scalar:
 * @written: the scalar in the form that it has as a key, of @length bytes
 */
void
runconf_anchors_add_scalar (RunconfAnchors *self, const char *name, guint span,
                            const RunconfNode *node, const char *written, gsize length)
{
  RunconfAnchor *anchor = add (self, name, span);

  anchor->node = runconf_node_ref (node);
  anchor->length = length;
  if (length <= RUNCONF_MAX_KEY_BYTES)
    anchor->written = g_strndup (written, length);
}

/**
 * runconf_anchors_open:
 *
 * Adds the anchor of a collection that is still open: an alias of it would be recursive.
 */
void
runconf_anchors_open (RunconfAnchors *self, const char *name, guint span)
{
  add (self, name, span)->is_collection = TRUE;
}

/**
 * runconf_anchors_close:
 *
 * Sets the node of an anchor, unless an anchor inside the collection took over the name.
 */
void
runconf_anchors_close (RunconfAnchors *self, const char *name, guint span, const RunconfNode *node)
{
  RunconfAnchor *anchor = g_tree_lookup (self->by_name, name);

  if (anchor->span == span)
    anchor->node = runconf_node_ref (node);
}

/**
 * runconf_anchors_find:
 *
 * Returns: (transfer none) (nullable): the anchor that an alias of this name refers to at this
 *   point of the text
 */
const RunconfAnchor *
runconf_anchors_find (const RunconfAnchors *self, const char *name)
{
  return g_tree_lookup (self->by_name, name);
}
