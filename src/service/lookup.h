/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/call.h"

G_BEGIN_DECLS

typedef struct _RunconfdLookup RunconfdLookup;

typedef void (*RunconfdLookupFunc) (RunconfdLookup *lookup);

/**
 * RunconfdLookup:
 * @call: what it is for
 * @now: the revision that was in force when it began
 * @path: (nullable): a JSON Pointer
 * @limit: how many changes
 * @version: a version
 * @other_version: another one
 * @records: (nullable) (element-type RunconfHistoryRecord): the changes that were found
 * @overrides: (nullable): the overrides at @version, without secrets
 * @other_overrides: (nullable): those at @other_version
 * @time: when @version was
 * @error: (nullable): why nothing was found
 * @look: see runconfd_lookup_start()
 * @finish: see runconfd_lookup_start()
 *
 * A look into the history. That is on the disk, so it is done in a thread. A lookup may find a hundred
 * MiB of values, so one is done after the other.
 */
struct _RunconfdLookup
{
  RunconfdCall *call;
  RunconfdRevision *now;

  char *path;
  guint limit;
  guint64 version;
  guint64 other_version;

  GPtrArray *records;
  RunconfNode *overrides;
  RunconfNode *other_overrides;
  gint64 time;
  GError *error;

  RunconfdLookupFunc look;
  RunconfdLookupFunc finish;
};

RunconfdLookup *runconfd_lookup_new (RunconfdCall *call);
void runconfd_lookup_free (RunconfdLookup *self);
void runconfd_lookup_start (RunconfdLookup *self, RunconfdLookupFunc look,
                            RunconfdLookupFunc finish);

RunconfNode *runconfd_lookup_get_overrides (RunconfdLookup *self, guint64 version);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdLookup, runconfd_lookup_free)

G_END_DECLS
