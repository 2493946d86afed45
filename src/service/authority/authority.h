/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "service/authority/action.h"
#include "service/authority/callers.h"

G_BEGIN_DECLS

/**
 * RunconfdAuthority:
 *
 * Decides on the rights of users. uid 0, the uid of the service, and on a bus other than the system
 * bus the uid of the bus have all rights. On the system bus polkit decides on other users; elsewhere
 * other users may read all but secrets. Without a bus the user at the other end of the connection has
 * all rights, since that user started the service.
 */
#define RUNCONFD_TYPE_AUTHORITY (runconfd_authority_get_type ())
G_DECLARE_FINAL_TYPE (RunconfdAuthority, runconfd_authority, RUNCONFD, AUTHORITY, GObject)

/**
 * RunconfdVerdict:
 * @RUNCONFD_VERDICT_NO: the user doesn't have the right
 * @RUNCONFD_VERDICT_YES: the user has the right
 * @RUNCONFD_VERDICT_ASK: polkit has to be asked
 *
 * Whether a user has a right, as far as the service knows by itself.
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
RunconfdVerdict runconfd_authority_decide (RunconfdAuthority *self, guint uid,
                                           RunconfdAction action);
GError *runconfd_authority_make_denial (const char *method, RunconfdAction action,
                                        const char *configuration);
void runconfd_authority_add_permit (RunconfdAuthority *self, const char *sender, guint32 serial,
                                    gboolean covers_all);
gboolean runconfd_authority_take_permit (RunconfdAuthority *self, const char *sender,
                                         guint32 serial, gboolean *covers_all);

G_END_DECLS
