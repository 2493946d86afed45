/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/authority/authority.h"
#include "service/configuration/configuration.h"

G_BEGIN_DECLS

/**
 * RunconfdMember:
 *
 * A configuration of the catalogue. It is on the bus while it has valid defaults.
 */
typedef struct _RunconfdMember RunconfdMember;

RunconfdMember *runconfd_member_new (const RunconfdSettings *settings,
                                     GDBusObjectManagerServer *manager,
                                     RunconfdAuthority *authority);
void runconfd_member_free (RunconfdMember *self);

const char *runconfd_member_get_name (const RunconfdMember *self);
RunconfdConfiguration *runconfd_member_get_configuration (const RunconfdMember *self);
gboolean runconfd_member_is_in (const RunconfdMember *self, GPtrArray *folders);
const char *runconfd_member_get_complaint (const RunconfdMember *self);
gboolean runconfd_member_is_served (const RunconfdMember *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdMember, runconfd_member_free)

G_END_DECLS
