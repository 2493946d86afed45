/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "service/authority.h"
#include "service/configuration.h"

G_BEGIN_DECLS

typedef struct _RunconfdCall RunconfdCall;

/* Does what a call asks for and answers it. (call: transfer full) */
typedef void (*RunconfdCallFunc) (RunconfdCall *call);

/**
 * RunconfdMethodKind:
 * @RUNCONFD_METHOD_READ: needs no right; changed files are read first. Where there are secrets the
 *   answer depends on who asks
 * @RUNCONFD_METHOD_INQUIRE: the same, and the answer depends on who asks in any case
 * @RUNCONFD_METHOD_WRITE: needs the right to write
 *
 * What has to be done before a method is run.
 */
typedef enum
{
  RUNCONFD_METHOD_READ,
  RUNCONFD_METHOD_INQUIRE,
  RUNCONFD_METHOD_WRITE,
} RunconfdMethodKind;

/**
 * RunconfdMethod:
 * @name: as in `org.runconf.Config1`
 * @kind: what comes first
 * @run: what it does
 *
 * A method of a configuration on the bus.
 */
typedef struct
{
  const char *name;
  RunconfdMethodKind kind;
  RunconfdCallFunc run;
} RunconfdMethod;

/**
 * RunconfdCall:
 * @configuration: what it is about
 * @authority: who decides on it
 * @invocation: the call on the bus
 * @method: which one it is
 * @uid: who called; not known for a read where there are no secrets
 * @is_allowed: whether they may write; not known for such a read either
 * @may_read_secrets: whether they may; %FALSE if it isn't known
 * @request: (nullable): what is to be written
 *
 * A call that is under way.
 */
struct _RunconfdCall
{
  RunconfdConfiguration *configuration;
  RunconfdAuthority *authority;
  GDBusMethodInvocation *invocation;
  const RunconfdMethod *method;
  guint uid;
  gboolean is_allowed;
  gboolean may_read_secrets;
  RunconfdRequest *request;
};

const RunconfdMethod *runconfd_method_find (const char *name);

void runconfd_call_start (RunconfdConfiguration *configuration, RunconfdAuthority *authority,
                          GDBusMethodInvocation *invocation);
void runconfd_call_free (RunconfdCall *call);

const char *runconfd_call_get_sender (RunconfdCall *call);
void runconfd_call_hold (RunconfdCall *call);
RunconfdRequest *runconfd_call_make_request (RunconfdCall *call, const char *origin);

GVariant *runconfd_call_get_parameters (RunconfdCall *call);
void runconfd_call_return_error (RunconfdCall *call, const GError *error);
void runconfd_call_return_value (RunconfdCall *call, GVariant *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdCall, runconfd_call_free)

G_END_DECLS
