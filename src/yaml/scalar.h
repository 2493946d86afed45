/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfTag:
 * @RUNCONF_TAG_NONE: no tag: a plain scalar has the type that it looks like, a quoted one is a
 *   string
 * @RUNCONF_TAG_BARE: `!`: a scalar is a string, a collection keeps its type
 * @RUNCONF_TAG_UNSET: `!unset`: hides the value of the weaker layers
 * @RUNCONF_TAG_REPLACE: `!replace`: a mapping replaces the value of the weaker layers as a whole
 * @RUNCONF_TAG_UNKNOWN: any other tag, which Runconf refuses
 *
 * The tags that Runconf accepts.
 */
typedef enum
{
  RUNCONF_TAG_NONE,
  RUNCONF_TAG_BARE,
  RUNCONF_TAG_NULL,
  RUNCONF_TAG_BOOLEAN,
  RUNCONF_TAG_INTEGER,
  RUNCONF_TAG_FLOAT,
  RUNCONF_TAG_STRING,
  RUNCONF_TAG_BINARY,
  RUNCONF_TAG_TIMESTAMP,
  RUNCONF_TAG_MERGE,
  RUNCONF_TAG_SEQUENCE,
  RUNCONF_TAG_MAPPING,
  RUNCONF_TAG_UNSET,
  RUNCONF_TAG_REPLACE,
  RUNCONF_TAG_UNKNOWN,
} RunconfTag;

#define RUNCONF_MERGE_KEY "<<"

RunconfTag runconf_tag_from_uri (const char *uri);
const char *runconf_tag_get_name (RunconfTag tag);
gboolean runconf_tag_is_of_layer (RunconfTag tag);

/**
 * RunconfScalarPool:
 *
 * A cache of recent short plain scalars. A configuration is full of the same few nulls, booleans,
 * small numbers and words: their nodes are made once and shared.
 */
typedef struct _RunconfScalarPool RunconfScalarPool;

RunconfScalarPool *runconf_scalar_pool_new (void);
void runconf_scalar_pool_free (RunconfScalarPool *self);
RunconfNode *runconf_scalar_pool_resolve (RunconfScalarPool *self, const char *value, gsize length);

RunconfNode *runconf_scalar_construct (RunconfTag tag, const char *value, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfScalarPool, runconf_scalar_pool_free)

G_END_DECLS
