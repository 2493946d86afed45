/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/gate/bucket.h"
#include "service/gate/message.h"
#include "service/gate/refusal.h"

G_BEGIN_DECLS

/* These structs are private to the gate: gate.c reads them, and account.c changes their counts. */

typedef struct
{
  guint uid;
  guint n_calls;
  gsize cost;
  guint n_reads;        /* running */
  guint n_writes;       /* running */
  guint n_accounts;     /* connections of the user */
  guint n_large;        /* large messages that wait or run */
  RunconfdBucket bytes; /* of messages that were checked or refused */
  GQueue waiting;       /* of RunconfdGateAccount, connections whose first queued call may run */
  GQueue refused;       /* of RunconfdGateRefusal, to be sent */
  gboolean is_queued;   /* whether the user is in the gate's queue */
} RunconfdGateUser;

/* A call in progress. */
typedef struct
{
  gsize cost;
  gsize size; /* of its message */
  gboolean is_read;
  gboolean is_silent; /* its caller wants no reply */
  gboolean is_large;
  gboolean is_granted; /* it is large, and the caller has the right */
} RunconfdGateOpen;

/* A queued call. */
typedef struct
{
  RunconfdGateOpen *open;
  GByteArray *message;
} RunconfdGateHeld;

/* A connection of the bus. */
typedef struct
{
  char *name;
  RunconfdGateUser *user; /* or the unidentified one */
  guint n_calls;
  gsize cost;
  guint n_reads;
  guint n_writes;
  gboolean is_trusted;
  gboolean is_blocked; /* its first queued call waits for a right */
  gint64 asked_at;     /* when the bus was asked for its uid; 0 if never */
  GHashTable *calls;   /* RunconfdGateOpen by serial */
  GQueue held;         /* of RunconfdGateHeld */
} RunconfdGateAccount;

/* All connections and users, with the totals that have a limit. */
typedef struct
{
  GHashTable *by_name; /* RunconfdGateAccount by unique name */
  GHashTable *by_uid;  /* RunconfdGateUser by uid */
  RunconfdGateUser unidentified;
  gsize cost; /* of all users that aren't trusted */
  guint n_large;
  guint n_refused;
  RunconfdBucket reads; /* queued ones of all users */
  RunconfdBucket bytes; /* as in RunconfdGateUser, of all users */
} RunconfdGateAccounts;

RunconfdGateAccounts *runconfd_gate_accounts_new (void);
void runconfd_gate_accounts_free (RunconfdGateAccounts *self);

RunconfdGateAccount *runconfd_gate_accounts_get (RunconfdGateAccounts *self, const char *name);
RunconfdGateAccount *runconfd_gate_accounts_find (RunconfdGateAccounts *self, const char *name);
RunconfdGateOpen *runconfd_gate_accounts_find_open (RunconfdGateAccounts *self, const char *name,
                                                    guint32 serial, RunconfdGateAccount **account);
RunconfdGateUser *runconfd_gate_accounts_get_user (RunconfdGateAccounts *self, guint uid);
void runconfd_gate_accounts_move (RunconfdGateAccounts *self, RunconfdGateAccount *account,
                                  RunconfdGateUser *user, gboolean is_trusted);

gboolean runconfd_gate_accounts_has_room (const RunconfdGateAccounts *self,
                                          const RunconfdGateAccount *account, gsize cost);
gboolean runconfd_gate_accounts_has_room_for_large (const RunconfdGateAccounts *self,
                                                    const RunconfdGateAccount *account);
gboolean runconfd_gate_accounts_may_open (const RunconfdGateAccounts *self,
                                          const RunconfdGateAccount *account, guint32 serial,
                                          const RunconfdGateOpen *open);
RunconfdGateOpen *runconfd_gate_accounts_open (RunconfdGateAccounts *self,
                                               RunconfdGateAccount *account, guint32 serial,
                                               const RunconfdGateOpen *made);
void runconfd_gate_accounts_close (RunconfdGateAccounts *self, RunconfdGateAccount *account,
                                   guint32 serial, const RunconfdGateOpen *open);

gboolean runconfd_gate_accounts_is_over_rate (const RunconfdGateAccounts *self,
                                              const RunconfdGateAccount *account, gsize cost,
                                              gint64 now);
gboolean runconfd_gate_accounts_take_read (RunconfdGateAccounts *self, gint64 now);
void runconfd_gate_accounts_take_bytes (RunconfdGateAccounts *self, RunconfdGateUser *user,
                                        gsize n_bytes, gint64 now);
void runconfd_gate_accounts_give_bytes (RunconfdGateAccounts *self, RunconfdGateUser *user,
                                        gsize n_bytes);

gboolean runconfd_gate_accounts_add_refusal (RunconfdGateAccounts *self, RunconfdGateUser *user,
                                             const RunconfdMessage *call, RunconfdGateReason reason,
                                             gsize n_unpaid);
RunconfdGateRefusal *runconfd_gate_accounts_take_refusal (RunconfdGateAccounts *self,
                                                          RunconfdGateUser *user, gint64 now);

gboolean runconfd_gate_account_is_identified (const RunconfdGateAccount *self);
gboolean runconfd_gate_account_may_run (const RunconfdGateAccount *self,
                                        const RunconfdGateOpen *open, gboolean is_queued);
void runconfd_gate_account_count_running (RunconfdGateAccount *self, const RunconfdGateOpen *open,
                                          int n);
void runconfd_gate_account_hold (RunconfdGateAccount *self, RunconfdGateOpen *open,
                                 const guint8 *data, gsize size);
void runconfd_gate_held_free (RunconfdGateHeld *self);

G_END_DECLS
