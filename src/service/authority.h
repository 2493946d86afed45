/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RunconfdAuthority:
 *
 * Decides who may write, and who may read secrets: uid 0, and the uid that the service runs as. It
 * keeps the calls of each caller in their order.
 */
#define RUNCONFD_TYPE_AUTHORITY (runconfd_authority_get_type ())
G_DECLARE_FINAL_TYPE (RunconfdAuthority, runconfd_authority, RUNCONFD, AUTHORITY, GObject)

/**
 * RunconfdAuthorityFunc:
 * @invocation: the call that was checked
 * @uid: who made it
 * @is_allowed: whether they may write
 *
 * Told the decision, at once or later.
 */
typedef void (*RunconfdAuthorityFunc) (GDBusMethodInvocation *invocation, guint uid,
                                       gboolean is_allowed, gpointer user_data);

RunconfdAuthority *runconfd_authority_new (void);

void runconfd_authority_check (RunconfdAuthority *self, GDBusMethodInvocation *invocation,
                               RunconfdAuthorityFunc func, gpointer user_data);
gboolean runconfd_authority_may_read_secrets (RunconfdAuthority *self, guint uid);
void runconfd_authority_hold (RunconfdAuthority *self, const char *sender);
void runconfd_authority_release (RunconfdAuthority *self, const char *sender);

G_END_DECLS
