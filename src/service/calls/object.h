/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "introspection/runconf-dbus.h"
#include "service/authority/authority.h"
#include "service/configuration/configuration.h"

G_BEGIN_DECLS

/**
 * RunconfdObject:
 *
 * The D-Bus object of a configuration. It starts a #RunconfdCall for each call and emits the
 * signals; #RunconfdConfiguration does the work.
 */
#define RUNCONF_TYPE_OBJECT (runconfd_object_get_type ())
G_DECLARE_FINAL_TYPE (RunconfdObject, runconfd_object, RUNCONFD, OBJECT, RunconfConfig1Skeleton)

RunconfdObject *runconfd_object_new (RunconfdConfiguration *configuration,
                                     RunconfdAuthority *authority);

G_END_DECLS
