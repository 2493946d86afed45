/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/history/archive.h"
#include "service/configuration/batching.h"
#include "service/configuration/commit.h"
#include "service/configuration/configuration.h"
#include "service/configuration/confirmations.h"
#include "service/configuration/health.h"
#include "service/configuration/ignored-report.h"
#include "service/configuration/job.h"
#include "service/configuration/late.h"
#include "service/sources/load.h"
#include "service/configuration/queue.h"
#include "service/configuration/retry.h"
#include "service/configuration/source-report.h"
#include "service/sources/sources.h"
#include "service/configuration/stored.h"
#include "store/state.h"
#include "store/store.h"
#include "store/timing.h"

G_BEGIN_DECLS

/* somebody who writes faster than Runconf can read has to stop before a change gets through */
#define RUNCONFD_MAX_CONFLICTS 50

struct _RunconfdConfiguration
{
  GObject parent_instance;

  RunconfdSettings settings;
  RunconfStore *store;
  RunconfState *state;
  RunconfdArchive *archive;
  RunconfdSources *sources;
  RunconfdStored *stored;
  RunconfdInForce *in_force;
  RunconfdQueue *queue;
  RunconfdBatching *batching;
  RunconfdConfirmations *confirmations;
  RunconfdLate *late;
  RunconfdRetry *retry;
  RunconfdHealth *health;

  gboolean is_working;
  gboolean is_vacant;     /* there are no defaults any more */
  gboolean is_stale;      /* a file has to be loaded */
  gboolean is_loading;    /* a file is being loaded, or what was found is not in force yet */
  gboolean is_held;       /* somebody was writing it when it was last looked at */
  gboolean has_held_side; /* the same of the defaults, the schema or the locks */
  gboolean is_suspect;    /* it was broken when last loaded, and is given a moment */
  gboolean is_retried;    /* what was never read was looked at again for the batch that waits */
  guint pause;            /* the source that goes on later, or 0 */
  guint looking;          /* the source that looks at a file that is being written, or 0 */
  gint64 held_since;      /* when a process was first met that keeps a file open, or 0 */
  gint64 busy_since;      /* when somebody was first seen writing a file, or 0 */
  gint64 busy_seen;       /* when they were last */
  guint n_conflicts;
  GPtrArray *reloading; /* of GTask: who waits for the next load */
  GPtrArray *loading;   /* of GTask: who waits for the one under way */
  GTask *draining;
};

/* the revision in force, or NULL until the files were read once */
static inline RunconfdRevision *
get_current (const RunconfdConfiguration *self)
{
  return runconfd_in_force_get (self->in_force);
}

/* configuration.c */
void runconfd_configuration_advance (RunconfdConfiguration *self);
void runconfd_configuration_pause (RunconfdConfiguration *self, guint milliseconds);
void runconfd_configuration_put_in_force (RunconfdConfiguration *self, RunconfdRevision *revision);
void runconfd_configuration_tell_loaded (RunconfdConfiguration *self);
RunconfFreshness runconfd_configuration_check_files (RunconfdConfiguration *self);

/* configuration-commit.c */
void runconfd_configuration_report_archive (RunconfdConfiguration *self);
void runconfd_configuration_report_warning (RunconfdConfiguration *self,
                                            const RunconfdCommit *commit);
void runconfd_configuration_take_commit (RunconfdConfiguration *self, const RunconfdCommit *commit);
RunconfdJob *runconfd_configuration_new_job (RunconfdConfiguration *self,
                                             RunconfdRevision *revision, RunconfdJobFunc finish);
void runconfd_configuration_start_job (RunconfdConfiguration *self, RunconfdJob *job);
gboolean runconfd_configuration_start_late (RunconfdConfiguration *self);
void runconfd_configuration_plan_retry (RunconfdConfiguration *self);
void runconfd_configuration_start_retry (RunconfdConfiguration *self);

/* configuration-write.c */
gboolean runconfd_configuration_gather (RunconfdConfiguration *self);
void runconfd_configuration_start_batch (RunconfdConfiguration *self);

/* configuration-load.c */
gboolean runconfd_configuration_wait_while_busy (RunconfdConfiguration *self);
void runconfd_configuration_start_load (RunconfdConfiguration *self);
void runconfd_configuration_end_load (RunconfdConfiguration *self);
void runconfd_configuration_wait_for_writer (RunconfdConfiguration *self, RunconfdLoad *load);

/* configuration-found.c */
void runconfd_configuration_finish_found (RunconfdJob *job, gpointer user_data);
void runconfd_configuration_take_load (RunconfdConfiguration *self, RunconfdLoad *load);

/* configuration-ground.c */
gboolean runconfd_configuration_take_ground (RunconfdConfiguration *self, RunconfdLoad *load,
                                             RunconfdGround *ground);

/* configuration-confirm.c */
void runconfd_configuration_init_confirmations (RunconfdConfiguration *self);
void runconfd_configuration_recall_waiting (RunconfdConfiguration *self);

G_END_DECLS
