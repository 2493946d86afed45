/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/keys.h"
#include "core/mapping.h"
#include "core/node-private.h"

G_BEGIN_DECLS

/* The memory layout of a mapping, shared by mapping.c and mapping-builder.c. */

#define RUNCONF_CHUNK_BITS 6
#define RUNCONF_CHUNK_SIZE (1u << RUNCONF_CHUNK_BITS)
#define RUNCONF_CHUNK_MASK (RUNCONF_CHUNK_SIZE - 1)

typedef struct
{
  gint ref_count; /* atomic */
  RunconfNode *values[RUNCONF_CHUNK_SIZE];
} RunconfChunk;

typedef struct
{
  RunconfCollection collection;
  RunconfKeys *keys;
  RunconfChunk *chunks[]; /* the last one may be shorter */
} RunconfMapping;

static inline guint
runconf_chunk_count (guint length)
{
  return (length + RUNCONF_CHUNK_SIZE - 1) >> RUNCONF_CHUNK_BITS;
}

static inline guint
runconf_chunk_get_length (guint length, guint chunk)
{
  return MIN (RUNCONF_CHUNK_SIZE, length - (chunk << RUNCONF_CHUNK_BITS));
}

RunconfNode *runconf_mapping_new_owning (RunconfKeys *keys, RunconfNode **values);
RunconfNode *runconf_mapping_new_shared (RunconfKeys *keys, RunconfNode *const *values,
                                         const RunconfMapping *source);

G_END_DECLS
