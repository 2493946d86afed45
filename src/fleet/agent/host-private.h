/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/agent/claim.h"
#include "fleet/agent/folder.h"
#include "fleet/agent/host.h"
#include "fleet/agent/keeper.h"
#include "fleet/agent/seen.h"
#include "fleet/agent/states.h"
#include "fleet/etcd/watch.h"
#include "fleet/model/membership.h"
#include "fleet/model/status.h"
#include "layers/folders.h"

G_BEGIN_DECLS

/**
 * RunconfFleetdJobKind:
 * @RUNCONF_FLEETD_JOB_FETCH: read the value first
 * @RUNCONF_FLEETD_JOB_RENEW: read the newest value, because of a change of another key
 * @RUNCONF_FLEETD_JOB_PUT: the key has a value
 * @RUNCONF_FLEETD_JOB_DELETE: the key is gone
 * @RUNCONF_FLEETD_JOB_END: the load is complete: files that no key has are removed
 */
typedef enum
{
  RUNCONF_FLEETD_JOB_FETCH,
  RUNCONF_FLEETD_JOB_RENEW,
  RUNCONF_FLEETD_JOB_PUT,
  RUNCONF_FLEETD_JOB_DELETE,
  RUNCONF_FLEETD_JOB_END,
} RunconfFleetdJobKind;

/**
 * RunconfFleetdJob:
 * @host: not after the cancellation of the load
 * @kind: the kind
 * @text: the key as in etcd; %NULL for the end of the load
 * @key: its parts
 * @value: (nullable): the value
 * @author: (nullable): the author of the value
 * @revision: the revision of the value or of the removal; to fetch, the revision to read at
 * @change: the revision of the change that led to the job
 *
 * A key whose file is to be brought up to date.
 */
typedef struct
{
  RunconfFleetdHost *host;
  RunconfFleetdJobKind kind;
  char *text;
  RunconfFleetKey *key;
  GBytes *value;
  char *author;
  gint64 revision;
  gint64 change;
} RunconfFleetdJob;

/**
 * RunconfFleetdCandidate:
 * @key: the rollout, as in etcd
 * @name: the configuration
 * @id: the id of the rollout
 * @revision: the revision of the rollout from which on the host has the text
 *
 * A document in whose place the host has the text of a rollout.
 */
typedef struct
{
  char *key;
  char *name;
  char *id;
  gint64 revision;
} RunconfFleetdCandidate;

/* the types of the keys that the agent reads */
#define RUNCONF_FLEETD_N_TYPES 5

struct _RunconfFleetdHost
{
  char *name;
  char *prefix;
  char *health; /* a command, or NULL */
  RunconfEtcd *etcd;
  RunconfEtcdWatch *watch;
  RunconfFleetMembership *membership;
  RunconfFleetdFolder *folder;
  RunconfFleetdClaim *claim;
  RunconfFleetdSeen *seen;
  RunconfFleetdKeeper *keeper; /* (nullable) */
  RunconfFleetdStates *states;
  RunconfFleetStatus *status;
  gboolean is_followed; /* whether the watch had a stream when it last told */

  /* host-load.c: the load of all keys */
  GCancellable *loading; /* of the load and of the jobs that follow it */
  GSource *retry;        /* the next load, or NULL */
  guint n_failures;
  guint step;
  guint n_keys; /* that the load found, whatever hosts they are for */
  gint64 load_revision;
  char *problem; /* the last one, which is logged once */

  /* host-ranges.c: the keys of other hosts */
  GHashTable *crowds; /* folder of documents for single hosts → the number that was seen */
  guint crowd_size;   /* from which number on a folder isn't watched */
  guint n_crowds;     /* of folders that aren't */

  /* host-jobs.c: the keys whose files are brought up to date, one after the other */
  GQueue jobs; /* of RunconfFleetdJob */
  gboolean is_working;
  GHashTable *wanted;     /* "NAME/PATH" of all files, during a load */
  GHashTable *candidates; /* key of a document as in etcd → RunconfFleetdCandidate */
  GHashTable *refusals;   /* key as in etcd → message */
  GHashTable *touched;    /* name → gint64 *, the revision that its files have */

  /* host-stage.c: the files of a batch, which are checked together before they are written */
  RunconfFolders *folders; /* of all layers of this host */
  char *layer;             /* the folder of the layer */
  GHashTable *staged;      /* path → Staged */

  /* host-report.c */
  GCancellable *reporting;
  guint n_waiting;      /* states that are asked for */
  GSource *sync;        /* of the folders, or NULL */
  gboolean is_unsynced; /* whether changes of the folders may not be on the disk */
  gboolean is_checking;
  gboolean has_news;   /* health has to be checked again */
  GSource *checks;     /* during a rollout, or NULL */
  GHashTable *reached; /* name → gint64 *, the revision to report with the next health */
  GHashTable *checked; /* the same, with the health that is being checked */
};

/* host-load.c */
void runconf_fleetd_host_load (RunconfFleetdHost *self);
void runconf_fleetd_host_load_later (RunconfFleetdHost *self, const char *problem);
void runconf_fleetd_host_note_success (RunconfFleetdHost *self);
void runconf_fleetd_host_take_events (RunconfFleetdHost *self, GPtrArray *events);

/* host-ranges.c */
extern const RunconfFleetKeyType runconf_fleetd_host_types[RUNCONF_FLEETD_N_TYPES];

void runconf_fleetd_host_forget_others (RunconfFleetdHost *self);
gboolean runconf_fleetd_host_note_other (RunconfFleetdHost *self, const RunconfFleetKey *key);
char *runconf_fleetd_host_skip_others (const char *last, gpointer user_data);
void runconf_fleetd_host_watch (RunconfFleetdHost *self, gint64 revision);

/* host-jobs.c */
void runconf_fleetd_host_add_job (RunconfFleetdHost *self, RunconfFleetdJobKind kind,
                                  const char *text, GBytes *value, const char *author,
                                  gint64 revision);
void runconf_fleetd_host_retry_refused (RunconfFleetdHost *self, const char *name,
                                        const char *except, gint64 revision);
void runconf_fleetd_host_drop_jobs (RunconfFleetdHost *self);
void runconf_fleetd_host_work (RunconfFleetdHost *self);

/* host-stage.c */
void runconf_fleetd_host_stage (RunconfFleetdHost *self, const char *text, const char *name,
                                const char *path, GBytes *contents, gint64 revision);
void runconf_fleetd_host_drop_staged (RunconfFleetdHost *self);
void runconf_fleetd_host_apply (RunconfFleetdHost *self);

/* host-report.c */
void runconf_fleetd_host_refuse (RunconfFleetdHost *self, const char *text, const char *message);
void runconf_fleetd_host_accept (RunconfFleetdHost *self, const char *text);
void runconf_fleetd_host_touch (RunconfFleetdHost *self, const char *name, gint64 revision);
void runconf_fleetd_host_forget_revisions (RunconfFleetdHost *self, gint64 newest);
void runconf_fleetd_host_report_batch (RunconfFleetdHost *self);
void runconf_fleetd_host_publish (RunconfFleetdHost *self);
void runconf_fleetd_host_take_state (const char *name, gint64 revision, const char *state,
                                     const char *message, gpointer user_data);

G_END_DECLS
