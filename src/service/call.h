/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "service/authority.h"
#include "service/configuration.h"

G_BEGIN_DECLS

typedef struct _RunconfdCall RunconfdCall;

/* Does what a call asks for and answers it. (call: transfer full) */
typedef void (*RunconfdCallFunc) (RunconfdCall *call);

/* Says what a call of a read concerns. */
typedef void (*RunconfdConcernFunc) (RunconfdCall *call);

/* The values that a caller without a right can cost the main loop at a time: in the arguments of a call,
 * in an answer, and in a configuration that is compared with the arguments.
 */
#define RUNCONFD_SMALL_VALUES 10000

/**
 * RunconfdMethodKind:
 * @RUNCONFD_METHOD_READ: changed files are read first
 * @RUNCONFD_METHOD_INQUIRE: the same; everybody may, and is told whether they have the right
 * @RUNCONFD_METHOD_WRITE: a request is made of it first
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
 * @action: what a caller needs the right for
 * @concern: (nullable): for a read: finds what it concerns, and whether it takes another right
 * @prepare: (nullable): for a write: makes a request of the arguments, and goes on, at once or later,
 *   with runconfd_call_authorise()
 * @run: what it does, once the caller has the right
 *
 * A method of a configuration on the bus.
 */
typedef struct
{
  const char *name;
  RunconfdMethodKind kind;
  RunconfdAction action;
  RunconfdConcernFunc concern;
  RunconfdCallFunc prepare;
  RunconfdCallFunc run;
} RunconfdMethod;

/**
 * RunconfdCall:
 * @configuration: what it is about
 * @authority: who decides on it
 * @invocation: the call on the bus
 * @method: which one it is
 * @action: what it needs the right for
 * @scope: (nullable) (element-type utf8): the paths that it concerns; %NULL for all, or for what
 *   @request has
 * @uid: who called; not known for a read that everybody may make
 * @needs_uid: whether @uid has to be known for a read that everybody may make
 * @is_allowed: whether they have the right
 * @is_held: whether later calls of the same caller wait
 * @is_write: whether reads of the same caller wait for its answer
 * @is_dialog: whether polkit may be showing a dialog
 * @is_bounded: whether the arguments have to fit a small budget: it isn't known yet whether the caller
 *   has the right at all
 * @covers_all: whether the caller has the right for all paths
 * @next: what to do when the caller has the right at all
 * @request: (nullable): what is to be written
 * @problem: (nullable): what is wrong with that, to be told to nobody but who has the right
 *
 * A call that is under way.
 */
struct _RunconfdCall
{
  RunconfdConfiguration *configuration;
  RunconfdAuthority *authority;
  GDBusMethodInvocation *invocation;
  const RunconfdMethod *method;
  RunconfdAction action;
  GPtrArray *scope;
  guint uid;
  gboolean needs_uid;
  gboolean is_allowed;
  gboolean is_held;
  gboolean is_write;
  gboolean is_dialog;
  gboolean is_bounded;
  gboolean covers_all;
  RunconfdCallFunc next;
  RunconfdRequest *request;
  GError *problem;
};

const RunconfdMethod *runconfd_method_find (const char *name);

void runconfd_call_start (RunconfdConfiguration *configuration, RunconfdAuthority *authority,
                          GDBusMethodInvocation *invocation);
void runconfd_call_authorise (RunconfdCall *call);
void runconfd_call_ask_permit (RunconfdCall *call, RunconfdCallFunc next);
void runconfd_call_free (RunconfdCall *call);

const char *runconfd_call_get_sender (RunconfdCall *call);
void runconfd_call_hold (RunconfdCall *call);
gboolean runconfd_call_is_trusted (RunconfdCall *call);
guint runconfd_call_get_max_values (RunconfdCall *call);
gboolean runconfd_call_check_values (RunconfdCall *call, gsize n_values, const char *path,
                                     GError **error);
gboolean runconfd_call_may_read_secrets (RunconfdCall *call);
void runconfd_call_concern (RunconfdCall *call, const char *path);
void runconfd_call_concern_argument (RunconfdCall *call);
RunconfdRequest *runconfd_call_make_request (RunconfdCall *call, const char *origin);

GVariant *runconfd_call_get_parameters (RunconfdCall *call);
void runconfd_call_return_error (RunconfdCall *call, const GError *error);
void runconfd_call_return_value (RunconfdCall *call, GVariant *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdCall, runconfd_call_free)

G_END_DECLS
