/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "rules/revision.h"
#include "service/change/request.h"

G_BEGIN_DECLS

/**
 * RunconfdStaged:
 * @request: the change
 * @task: returns when the change is on the disk
 * @before: the revision that it was staged on
 * @after: the revision that it makes; @before itself if it changes nothing
 * @n_bytes: about how much memory @after takes beside @before
 *
 * A change that was checked, and isn't on the disk yet.
 */
typedef struct
{
  RunconfdRequest *request;
  GTask *task;
  RunconfRevision *before;
  RunconfRevision *after;
  gsize n_bytes;
} RunconfdStaged;

/**
 * RunconfdQueue:
 *
 * The changes that wait for the disk, each staged on the one before it. The first one is staged on the
 * revision in force, or on a batch that is being written.
 *
 * A staged change has a revision, which may be large. Changes above a budget of memory wait in their order,
 * and are staged and checked when the others are on the disk.
 */
typedef struct _RunconfdQueue RunconfdQueue;

RunconfdQueue *runconfd_queue_new (void);
void runconfd_queue_free (RunconfdQueue *self);

guint runconfd_queue_get_length (RunconfdQueue *self);
RunconfRevision *runconfd_queue_get_tip (RunconfdQueue *self);

void runconfd_queue_push (RunconfdQueue *self, RunconfdRequest *request, GTask *task);
GPtrArray *runconfd_queue_take (RunconfdQueue *self, guint max_changes);
void runconfd_queue_return (RunconfdQueue *self, GPtrArray *batch);
void runconfd_queue_rebase (RunconfdQueue *self, RunconfRevision *current);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdQueue, runconfd_queue_free)

G_END_DECLS
