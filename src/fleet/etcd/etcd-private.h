/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "fleet/etcd/etcd.h"
#include "fleet/etcd/failure.h"

G_BEGIN_DECLS

/* A response beyond this size is an error: etcd's requests have 1.5 MiB, and a range has many
 * items.
 */
#define RUNCONF_ETCD_MAX_RESPONSE_BYTES (64 * 1024 * 1024)

#define RUNCONF_ETCD_READ_BYTES (64 * 1024)

struct _RunconfEtcd
{
  GObject parent_instance;

  RunconfEtcdSettings *settings;
  guint n_endpoints;
  guint endpoint; /* the one that the next request tries first */

  SoupSession *session;
  GTlsCertificate *certificate; /* (nullable) */
  char *stamp; /* (nullable): of the files with certificates, when they were read */

  char *token;        /* (nullable) */
  gboolean is_open;   /* whether etcd said that it has no users */
  gboolean is_asking; /* for a token */
  GSList *waiting;    /* (element-type GTask): for the token */
};

/* etcd.c */
SoupMessage *runconf_etcd_make_message (RunconfEtcd *self, guint endpoint, const char *path,
                                        GBytes *body, const char *token);
void runconf_etcd_refuse_interim (SoupMessage *message, GCancellable *cancellable);
const char *runconf_etcd_get_endpoint (RunconfEtcd *self, guint endpoint);
void runconf_etcd_leave_endpoint (RunconfEtcd *self, guint endpoint);

/* range.c: reads, which transactions have too */
void runconf_etcd_range_append (GString *body, GBytes *key, const char *range_end,
                                const RunconfEtcdRangeOptions *options);
void runconf_etcd_range_send (RunconfEtcd *self, GBytes *key, const char *range_end,
                              const char *shown, const RunconfEtcdRangeOptions *options,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
RunconfEtcdRange *runconf_etcd_range_read (JsonObject *object, GError **error);

/* attempt.c: one request to one endpoint */

/**
 * RunconfEtcdAnswer:
 * @root: (nullable): the response, or %NULL if there is an @error
 * @error: (nullable): the error, without the name of the endpoint
 * @verdict: what follows from @error
 * @was_repeated: whether the request may have been sent twice
 *
 * The outcome of an attempt.
 */
typedef struct
{
  JsonNode *root;
  GError *error;
  RunconfEtcdVerdict verdict;
  gboolean was_repeated;
} RunconfEtcdAnswer;

void runconf_etcd_answer_free (RunconfEtcdAnswer *self);
void runconf_etcd_attempt_async (RunconfEtcd *self, guint endpoint, const char *path, GBytes *body,
                                 const char *token, guint patience_ms, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
RunconfEtcdAnswer *runconf_etcd_attempt_finish (RunconfEtcd *self, GAsyncResult *result);

/* call.c: attempts until one is answered */

/**
 * RunconfEtcdCallFlags:
 * @RUNCONF_ETCD_CALL_REPEATABLE: a request that may have had its effect can be sent again
 * @RUNCONF_ETCD_CALL_HARMLESS: its effect doesn't count, so that it can be sent again, too
 * @RUNCONF_ETCD_CALL_WITHOUT_TOKEN: no token is sent
 */
typedef enum
{
  RUNCONF_ETCD_CALL_DEFAULT = 0,
  RUNCONF_ETCD_CALL_REPEATABLE = 1 << 0,
  RUNCONF_ETCD_CALL_HARMLESS = 1 << 1,
  RUNCONF_ETCD_CALL_WITHOUT_TOKEN = 1 << 2,
} RunconfEtcdCallFlags;

void runconf_etcd_call_async (RunconfEtcd *self, const char *path, GString *body, const char *key,
                              RunconfEtcdCallFlags flags, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
JsonNode *runconf_etcd_call_finish (RunconfEtcd *self, GAsyncResult *result, gboolean *was_repeated,
                                    GError **error);
void runconf_etcd_call_prefix (GAsyncResult *result, GError **error);

/* token.c */
gboolean runconf_etcd_needs_token (RunconfEtcd *self);
void runconf_etcd_forget_token (RunconfEtcd *self, const char *token);
void runconf_etcd_get_token_async (RunconfEtcd *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
char *runconf_etcd_get_token_finish (RunconfEtcd *self, GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfEtcdAnswer, runconf_etcd_answer_free)

G_END_DECLS
