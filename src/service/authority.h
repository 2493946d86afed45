/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "service/action.h"
#include "service/callers.h"

G_BEGIN_DECLS

/**
 * RunconfdAuthority:
 *
 * Decides who may do what. uid 0, the uid that the service runs as, and on a bus that isn't the
 * system's the uid that this belongs to, may do everything. On the system bus polkit decides on all
 * others; elsewhere they may read what is no secret. Without a bus, whoever has the other end of the
 * connection may do everything: they started the service for that.
 *
 * It keeps the calls of each caller in their order: a write is staged behind the writes before it,
 * and a read waits until they are answered.
 */
#define RUNCONFD_TYPE_AUTHORITY (runconfd_authority_get_type ())
G_DECLARE_FINAL_TYPE (RunconfdAuthority, runconfd_authority, RUNCONFD, AUTHORITY, GObject)

/**
 * RunconfdAuthorityFunc:
 * @invocation: the call that was checked
 * @uid: who made it; #RUNCONFD_UID_UNKNOWN if they are gone
 *
 * Told who called, at once or later.
 */
typedef void (*RunconfdAuthorityFunc) (GDBusMethodInvocation *invocation, guint uid,
                                       gpointer user_data);

/**
 * RunconfdCallNeeds:
 * @RUNCONFD_CALL_NEEDS_UID: the user of its caller
 * @RUNCONFD_CALL_NEEDS_WRITES: that earlier writes of its caller are answered
 *
 * What a call needs before it can go on.
 */
typedef enum
{
  RUNCONFD_CALL_NEEDS_UID = 1 << 0,
  RUNCONFD_CALL_NEEDS_WRITES = 1 << 1,
} RunconfdCallNeeds;

/**
 * RunconfdVerdict:
 * @RUNCONFD_VERDICT_NO: they may not
 * @RUNCONFD_VERDICT_YES: they may
 * @RUNCONFD_VERDICT_ASK: polkit has to be asked
 *
 * What is known at once of whether somebody may do something.
 */
typedef enum
{
  RUNCONFD_VERDICT_NO,
  RUNCONFD_VERDICT_YES,
  RUNCONFD_VERDICT_ASK,
} RunconfdVerdict;

RunconfdAuthority *runconfd_authority_new (RunconfdCallers *callers, gboolean asks_polkit,
                                           guint owner);

RunconfdCallers *runconfd_authority_get_callers (RunconfdAuthority *self);
gboolean runconfd_authority_begin_dialog (RunconfdAuthority *self, guint uid, GError **error);
void runconfd_authority_end_dialog (RunconfdAuthority *self, guint uid);
gboolean runconfd_authority_is_trusted (RunconfdAuthority *self, guint uid);
void runconfd_authority_identify (RunconfdAuthority *self, GDBusMethodInvocation *invocation,
                                  RunconfdCallNeeds needs, RunconfdAuthorityFunc func,
                                  gpointer user_data);
void runconfd_authority_begin_write (RunconfdAuthority *self, const char *sender);
void runconfd_authority_end_write (RunconfdAuthority *self, const char *sender);
RunconfdVerdict runconfd_authority_decide (RunconfdAuthority *self, guint uid,
                                           RunconfdAction action);
GError *runconfd_authority_make_denial (const char *method, RunconfdAction action,
                                        const char *configuration);
void runconfd_authority_add_permit (RunconfdAuthority *self, const char *sender, guint32 serial,
                                    gboolean covers_all);
gboolean runconfd_authority_take_permit (RunconfdAuthority *self, const char *sender,
                                         guint32 serial, gboolean *covers_all);
void runconfd_authority_hold (RunconfdAuthority *self, const char *sender);
void runconfd_authority_release (RunconfdAuthority *self, const char *sender);

G_END_DECLS
