/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/configuration/commit.h"
#include "service/configuration/text.h"

G_BEGIN_DECLS

typedef struct _RunconfdJob RunconfdJob;

/* Both are called in the main loop. */
typedef void (*RunconfdJobFunc) (RunconfdJob *job, gpointer user_data);

/**
 * RunconfdJob:
 * @text: the text that is committed
 * @commit: what is committed, and the outcome
 * @batch: (nullable) (element-type RunconfdStaged): the requests that are carried out
 * @origin: (nullable): the origin of a change that was not requested
 * @layer: (nullable): the name of the layer whose files made the change
 * @message: (nullable): the message for the history
 * @reason: (nullable): the error that the job recovers from
 * @failure: (out) (nullable): the error if the commit failed; then the store has its old text
 * @unsettled: (out) (nullable): an error after the commit, which harms no change
 * @finish: the consequences of the outcome, for the function that runs after the commit
 *
 * A commit that runs in a thread. The struct owns all of these. The callers of a batch get their reply
 * before the commit is settled.
 */
struct _RunconfdJob
{
  RunconfdText *text;
  RunconfdCommit *commit;
  GPtrArray *batch;
  const char *origin;
  const char *layer;
  char *message;
  GError *reason;
  GError *failure;
  GError *unsettled;
  RunconfdJobFunc finish;

  /*< private >*/
  RunconfdJobFunc committed;
  RunconfdJobFunc settled;
  gpointer user_data;
  guint n_steps;
};

RunconfdJob *runconfd_job_new (RunconfdText *text, RunconfRevision *revision,
                               RunconfdJobFunc finish);
void runconfd_job_free (RunconfdJob *self);

void runconfd_job_add_records (RunconfdJob *self, const RunconfRevision *before);
void runconfd_job_start (RunconfdJob *self, RunconfdJobFunc committed, RunconfdJobFunc settled,
                         gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdJob, runconfd_job_free)

G_END_DECLS
