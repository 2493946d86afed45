/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/calls/call.h"

G_BEGIN_DECLS

typedef struct _RunconfdLookup RunconfdLookup;

/* a queue of lookups, one of which runs at a time */
typedef struct _RunconfdLookupLane RunconfdLookupLane;

typedef void (*RunconfdLookupFunc) (RunconfdLookup *lookup);

/**
 * RunconfdLookup:
 * @call: the call that needs the lookup
 * @now: the revision that was in force when the lookup began
 * @path: (nullable): a JSON Pointer
 * @document: (nullable): the text of the overrides when the lookup began
 * @boot_document: (nullable): the same of the overrides for this boot
 * @stack: the defaults at that time
 * @limit: the maximal number of changes
 * @version: a version
 * @other_version: another version
 * @overrides: (nullable): the overrides at @version, without secrets
 * @boot: (nullable): the overrides for the boot of that time
 * @time: the time of @version
 * @answer: (nullable): the reply to the call, a tuple
 * @error: (nullable): the error that is the reply instead
 * @request: (nullable): for a Revert: the request to which the lookup adds the overrides
 * @task: (nullable): for a Revert: returns the request
 * @lane: the lane that it runs in
 * @look: makes the reply
 * @finish: replies to the call
 *
 * A read that takes long, since it reads the history, which is on disk, or all values. It is done in a
 * thread. All its fields but the archive stay as they were when the lookup began.
 */
struct _RunconfdLookup
{
  RunconfdCall *call;
  RunconfRevision *now;

  RunconfDocument *document;
  RunconfDocument *boot_document;
  RunconfStack *stack;

  char *path;
  guint limit;
  guint64 version;
  guint64 other_version;

  RunconfNode *overrides;
  RunconfNode *boot;
  gint64 time;
  GVariant *answer;
  GError *error;
  RunconfdRequest *request;
  GTask *task;

  RunconfdLookupLane *lane;
  RunconfdLookupFunc look;
  RunconfdLookupFunc finish;
};

RunconfdLookup *runconfd_lookup_new (RunconfdCall *call);
void runconfd_lookup_free (RunconfdLookup *self);
void runconfd_lookup_start (RunconfdLookup *self, RunconfdLookupFunc look,
                            RunconfdLookupFunc finish);
void runconfd_lookup_answer (RunconfdLookup *self);

gboolean runconfd_lookup_get_overrides (RunconfdLookup *self, guint64 version,
                                        RunconfNode **overrides, RunconfNode **boot);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdLookup, runconfd_lookup_free)

G_END_DECLS
