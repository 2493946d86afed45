/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "introspection/runconf-dbus.h"
#include "service/authority.h"
#include "service/configuration.h"

G_BEGIN_DECLS

/**
 * RunconfdObject:
 *
 * A configuration on the bus. Its handlers unpack, authorise, call and reply; the work is done by
 * #RunconfdConfiguration.
 */
#define RUNCONFD_TYPE_OBJECT (runconfd_object_get_type ())
G_DECLARE_FINAL_TYPE (RunconfdObject, runconfd_object, RUNCONFD, OBJECT, RunconfConfig1Skeleton)

RunconfdObject *runconfd_object_new (RunconfdConfiguration *configuration,
                                     RunconfdAuthority *authority);

G_END_DECLS
