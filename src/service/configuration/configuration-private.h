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
#include "service/configuration/loader.h"
#include "service/configuration/queue.h"
#include "service/configuration/retry.h"
#include "service/configuration/source-report.h"
#include "service/sources/sources.h"
#include "service/configuration/stored.h"
#include "store/state.h"
#include "store/file/store.h"

G_BEGIN_DECLS

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
  RunconfdLoader *loader;
  RunconfdQueue *queue;
  RunconfdBatching *batching;
  RunconfdConfirmations *confirmations;
  RunconfdLate *late;
  RunconfdRetry *retry;
  RunconfdHealth *health;

  guint rules_revision;
  gboolean is_working; /* a thread loads or commits */
  gboolean is_vacant;  /* the defaults were removed */
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
void runconfd_configuration_put_in_force (RunconfdConfiguration *self, RunconfdRevision *revision);
void runconfd_configuration_recall_waiting (RunconfdConfiguration *self);
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
void runconfd_configuration_start_load (RunconfdConfiguration *self);
void runconfd_configuration_answer_wait (RunconfdConfiguration *self, GTask *task,
                                         gboolean is_refresh);

/* configuration-found.c */
void runconfd_configuration_finish_found (RunconfdJob *job, gpointer user_data);
gboolean runconfd_configuration_take_runtime (RunconfdConfiguration *self, RunconfdLoad *load);

G_END_DECLS
