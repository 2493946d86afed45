/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/path.h"

G_BEGIN_DECLS

/**
 * RunconfNode:
 *
 * A value: a scalar, a sequence or a mapping.
 *
 * In the tree of a layer, a node may also be a tag: an unset hides the value of the weaker layers,
 * and a replacing mapping takes their place as a whole. See runconf_merge().
 *
 * Nodes are immutable, so any thread may read them, and trees share their common parts: a changed
 * tree is a new root, new mappings on the path to the change, and the old nodes everywhere else.
 * Two equal pointers are the same value. So merge and diff cost time for the changed parts only.
 */
typedef struct _RunconfNode RunconfNode;

/**
 * RunconfKind:
 * @RUNCONF_KIND_INTEGER: an integer that fits a #gint64
 * @RUNCONF_KIND_UNSIGNED: an integer above `G_MAXINT64` that fits a #guint64
 * @RUNCONF_KIND_STRING: valid UTF-8 without a NUL
 * @RUNCONF_KIND_UNSET: hides the value of the weaker layers; only in the tree of a layer
 *
 * The type of a node. The value of an integer determines its kind.
 */
typedef enum
{
  RUNCONF_KIND_NULL,
  RUNCONF_KIND_BOOLEAN,
  RUNCONF_KIND_INTEGER,
  RUNCONF_KIND_UNSIGNED,
  RUNCONF_KIND_DOUBLE,
  RUNCONF_KIND_STRING,
  RUNCONF_KIND_BINARY,
  RUNCONF_KIND_SEQUENCE,
  RUNCONF_KIND_MAPPING,
  RUNCONF_KIND_UNSET,
} RunconfKind;

/* A tag where there are no tags, on the bus and in JSON: the key of a mapping, for output only. */
#define RUNCONF_TAG_KEY_UNSET "!unset"
#define RUNCONF_TAG_KEY_REPLACE "!replace"

const char *runconf_kind_get_name (RunconfKind kind);

RunconfNode *runconf_node_new_null (void);
RunconfNode *runconf_node_new_boolean (gboolean value);
RunconfNode *runconf_node_new_integer (gint64 value);
RunconfNode *runconf_node_new_unsigned (guint64 value);
RunconfNode *runconf_node_new_double (double value);
RunconfNode *runconf_node_new_string (const char *value, gssize length);
RunconfNode *runconf_node_new_plain (const char *value, gssize length);
RunconfNode *runconf_node_new_binary (gconstpointer data, gsize size);
RunconfNode *runconf_node_new_sequence (RunconfNode *const *items, guint n_items);
RunconfNode *runconf_node_new_unset (void);

RunconfNode *runconf_node_ref (const RunconfNode *self);
void runconf_node_unref (RunconfNode *self);

RunconfKind runconf_node_get_kind (const RunconfNode *self);
const char *runconf_node_get_kind_name (const RunconfNode *self);
gboolean runconf_node_is_mapping (const RunconfNode *self);
gboolean runconf_node_is_leaf (const RunconfNode *self);
gboolean runconf_node_is_unset (const RunconfNode *self);
gboolean runconf_node_is_replacing (const RunconfNode *self);
gboolean runconf_node_is_merging (const RunconfNode *self);
gboolean runconf_node_has_tags (const RunconfNode *self);
char *runconf_node_find_tag (const RunconfNode *self);

gboolean runconf_node_get_boolean (const RunconfNode *self);
gint64 runconf_node_get_integer (const RunconfNode *self);
guint64 runconf_node_get_unsigned (const RunconfNode *self);
double runconf_node_get_double (const RunconfNode *self);
const char *runconf_node_get_string (const RunconfNode *self, gsize *length);
gboolean runconf_node_is_plain (const RunconfNode *self);
gconstpointer runconf_node_get_binary (const RunconfNode *self, gsize *size);

/* sequences and mappings */
guint runconf_node_get_length (const RunconfNode *self);
const RunconfNode *runconf_node_get_child (const RunconfNode *self, guint position);

/* Counted as if expanded: a node that is in a tree twice counts twice. */
guint runconf_node_get_cost (const RunconfNode *self);
gsize runconf_node_get_n_nodes (const RunconfNode *self);
gsize runconf_node_get_n_bytes (const RunconfNode *self);
gsize runconf_node_measure_unshared (const RunconfNode *self, const RunconfNode *shared);
gboolean runconf_node_check_limits (const RunconfNode *self, GError **error);

gboolean runconf_node_equal (const RunconfNode *a, const RunconfNode *b);

const RunconfNode *runconf_node_find (const RunconfNode *root, const RunconfPath *path,
                                      GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfNode, runconf_node_unref)

G_END_DECLS
