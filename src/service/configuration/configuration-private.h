/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/configuration/batching.h"
#include "service/configuration/commit.h"
#include "service/configuration/configuration.h"
#include "service/configuration/confirmations.h"
#include "service/configuration/health.h"
#include "service/configuration/ignored-report.h"
#include "service/configuration/job.h"
#include "service/configuration/loader.h"
#include "service/configuration/queue.h"
#include "service/configuration/retry.h"
#include "service/configuration/source-report.h"
#include "service/configuration/text.h"
#include "service/history/archive.h"
#include "service/sources/load.h"
#include "service/sources/sources.h"
#include "store/file/store.h"
#include "store/state.h"

G_BEGIN_DECLS

struct _RunconfdConfiguration
{
  GObject parent_instance;

  RunconfdSettings settings;
  RunconfState *state;
  RunconfdArchive *archive;
  RunconfdSources *sources;
  RunconfdText overrides;
  RunconfdText boot;
  RunconfdInForce *in_force;
  RunconfdLoader *loader;
  RunconfdQueue *queue;
  RunconfdBatching *batching;
  RunconfdConfirmations *confirmations;
  RunconfdRetry *retry;
  RunconfdHealth *health;

  guint rules_revision;
  gboolean is_working;  /* a thread loads or commits */
  gboolean is_vacant;   /* the defaults were removed */
  gboolean is_deferred; /* the text of the overrides is in the journal only */
  gboolean is_sync_due;
  guint sync_timer; /* the source that makes it due, or 0 */
  GTask *draining;
};

/* the revision in force, or NULL until the files were read once */
static inline RunconfRevision *
get_current (const RunconfdConfiguration *self)
{
  return runconfd_in_force_get (self->in_force);
}

static inline RunconfdText *
get_text (RunconfdConfiguration *self, RunconfLayer layer)
{
  return layer == RUNCONF_LAYER_BOOT ? &self->boot : &self->overrides;
}

/* configuration.c */
void runconfd_configuration_advance (RunconfdConfiguration *self);
void runconfd_configuration_put_in_force (RunconfdConfiguration *self, RunconfRevision *revision);
void runconfd_configuration_recall_waiting (RunconfdConfiguration *self);
RunconfFreshness runconfd_configuration_check_files (RunconfdConfiguration *self);

/* configuration-commit.c */
void runconfd_configuration_report_archive (RunconfdConfiguration *self);
void runconfd_configuration_report_warning (RunconfdConfiguration *self,
                                            const RunconfdCommit *commit);
void runconfd_configuration_take_commit (RunconfdConfiguration *self, const RunconfdJob *job);
RunconfdJob *runconfd_configuration_new_job (RunconfdConfiguration *self, RunconfdText *text,
                                             RunconfRevision *revision, RunconfdJobFunc finish);
void runconfd_configuration_set_ailment (RunconfdConfiguration *self, const RunconfdText *text,
                                         RunconfdAilment ailment, const char *message);
void runconfd_configuration_start_job (RunconfdConfiguration *self, RunconfdJob *job);
gboolean runconfd_configuration_start_late (RunconfdConfiguration *self, RunconfdText *text);
void runconfd_configuration_plan_retry (RunconfdConfiguration *self);
void runconfd_configuration_start_retry (RunconfdConfiguration *self);

/* configuration-sync.c */
void runconfd_configuration_plan_sync (RunconfdConfiguration *self, const RunconfdCommit *commit);
gboolean runconfd_configuration_is_sync_due (const RunconfdConfiguration *self);
void runconfd_configuration_start_sync (RunconfdConfiguration *self);
void runconfd_configuration_catch_up (RunconfdConfiguration *self, GPtrArray *entries);
void runconfd_configuration_recover (RunconfdConfiguration *self, GPtrArray *entries);

/* configuration-write.c */
gboolean runconfd_configuration_gather (RunconfdConfiguration *self);
void runconfd_configuration_start_batch (RunconfdConfiguration *self);

/* configuration-load.c */
void runconfd_configuration_finish_ground (RunconfdJob *job, gpointer user_data);
void runconfd_configuration_start_load (RunconfdConfiguration *self);
void runconfd_configuration_answer_wait (RunconfdConfiguration *self, GTask *task,
                                         gboolean is_refresh);

/* configuration-found.c */
void runconfd_configuration_finish_found (RunconfdJob *job, gpointer user_data);
gboolean runconfd_configuration_take_texts (RunconfdConfiguration *self, RunconfdLoad *load);

G_END_DECLS
