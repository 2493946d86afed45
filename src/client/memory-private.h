/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "arena/writer.h"
#include "client/memory.h"
#include "core/options.h"

G_BEGIN_DECLS

/* the changes that a configuration in memory remembers */
#define RUNCONF_MEMORY_MAX_CHANGES 1000

/**
 * RunconfMemoryVersion:
 * @number: the version
 * @time: of the change that made it, in µs since the epoch; 0 for the first version
 * @origin: the name of the method that made it, as the service reports it
 * @message: (nullable): the caller's note on the change
 * @overrides: all overrides
 * @effective: the defaults merged with the overrides
 *
 * A configuration in memory at one version.
 */
typedef struct
{
  guint64 number;
  gint64 time;
  const char *origin;
  char *message;
  RunconfNode *overrides;
  RunconfNode *effective;
} RunconfMemoryVersion;

struct _RunconfMemory
{
  RunconfLink *link; /* borrowed: the link owns the memory */

  GMutex mutex; /* protects the fields below */
  RunconfNode *defaults;
  GPtrArray *versions; /* of RunconfMemoryVersion, the oldest first */
  RunconfArenaWriter *writer;
  GPtrArray *listeners;
};

/**
 * RunconfMemoryChange:
 * @origin: the name of the method
 * @overrides: the new overrides
 * @options: the options of the write
 *
 * A change of a configuration in memory.
 */
typedef struct
{
  const char *origin;
  const RunconfNode *overrides;
  const RunconfWriteOptions *options;
} RunconfMemoryChange;

/* The caller holds the mutex. */
const RunconfMemoryVersion *runconf_memory_get_now (const RunconfMemory *self);
const RunconfMemoryVersion *runconf_memory_find (const RunconfMemory *self, guint64 number,
                                                 GError **error);
gboolean runconf_memory_change (RunconfMemory *self, const RunconfMemoryChange *change,
                                GPtrArray **paths, GError **error);

GVariant *runconf_memory_get (const RunconfMemory *self, GVariant *arguments, GError **error);
GVariant *runconf_memory_describe (const RunconfMemory *self, GVariant *arguments, GError **error);
GVariant *runconf_memory_explain (const RunconfMemory *self, GVariant *arguments, GError **error);
GVariant *runconf_memory_list_changes (const RunconfMemory *self, GVariant *arguments,
                                       GError **error);
GVariant *runconf_memory_diff (const RunconfMemory *self, GVariant *arguments, GError **error);

G_END_DECLS
