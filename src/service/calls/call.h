/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "service/authority/authority.h"
#include "service/configuration/configuration.h"

G_BEGIN_DECLS

/**
 * RunconfdCall:
 * @configuration: the configuration whose method is called
 * @authority: decides on the right
 * @invocation: the call on the bus
 * @uid: the user of the caller; #RUNCONFD_UID_UNKNOWN for a read that needs none, and for a caller that
 *   has left the bus
 * @action: the right that the call takes
 * @is_allowed: whether the caller has the right; set before the method is run
 *
 * A call under way, as its method sees it. The request that is made of the arguments, and the error of
 * wrong arguments, are known to call.c alone.
 */
typedef struct
{
  RunconfdConfiguration *configuration;
  RunconfdAuthority *authority;
  GDBusMethodInvocation *invocation;
  guint uid;
  RunconfdAction action;
  gboolean is_allowed;
} RunconfdCall;

/* The number of values with which a caller without a right can occupy the main loop at a time: in the
 * arguments of a call, in a reply, and in a configuration that is compared with the arguments.
 */
#define RUNCONFD_SMALL_VALUES 10000

/**
 * RunconfdMethodKind:
 * @RUNCONFD_METHOD_READ: changed files are read first
 * @RUNCONFD_METHOD_INQUIRE: the same; all callers may call it, and the reply depends on the right
 * @RUNCONFD_METHOD_WRITE: later reads of the caller wait for it
 *
 * The work that a method needs before and after it.
 */
typedef enum
{
  RUNCONFD_METHOD_READ,
  RUNCONFD_METHOD_INQUIRE,
  RUNCONFD_METHOD_WRITE,
} RunconfdMethodKind;

/**
 * RunconfdConcern:
 * @action: the right that the call takes; that of the method, unless it is changed
 * @path: (nullable): a JSON Pointer, or an argument that should be one: the right is asked for it and all
 *   below it; %NULL for everything
 * @needs_uid: whether the user of the caller has to be known even if the call takes no right
 *
 * The part of the configuration that a read concerns, and the right for it, by its arguments.
 */
typedef struct
{
  RunconfdAction action;
  char *path;
  gboolean needs_uid;
} RunconfdConcern;

/**
 * RunconfdMethod:
 * @name: as in `org.runconf.Config1`
 * @kind: the work that it needs before and after it
 * @action: the right that it takes
 * @find_concern: (nullable): for a read: finds out the part that the call concerns
 * @prepare: (nullable): for a write: makes a request of the arguments. Returns: (transfer full): the
 *   request, or %NULL with an error
 * @prepare_async: (nullable): the same for arguments that take longer. The callback gets a #GTask that
 *   returns the request or the error. Arguments with more than @max_values values are
 *   %RUNCONF_ERROR_TOO_LARGE, unless that is 0
 * @find_scope: (nullable): for a write without a request: Returns: (transfer full) (nullable)
 *   (element-type utf8): the paths that it concerns; %NULL for everything
 * @run: does the work and replies; called once the caller has the right. (call: transfer full)
 *
 * A method of a configuration on the bus.
 */
typedef struct
{
  const char *name;
  RunconfdMethodKind kind;
  RunconfdAction action;
  void (*find_concern) (RunconfdCall *call, RunconfdConcern *concern);
  RunconfdRequest *(*prepare) (RunconfdCall *call, GError **error);
  void (*prepare_async) (RunconfdCall *call, guint max_values, GAsyncReadyCallback callback,
                         gpointer user_data);
  GPtrArray *(*find_scope) (RunconfdCall *call);
  void (*run) (RunconfdCall *call);
} RunconfdMethod;

const RunconfdMethod *runconfd_method_find (const char *name);

void runconfd_call_start (RunconfdConfiguration *configuration, RunconfdAuthority *authority,
                          GDBusMethodInvocation *invocation);
void runconfd_call_free (RunconfdCall *call);

const char *runconfd_call_get_sender (const RunconfdCall *call);
GVariant *runconfd_call_get_parameters (const RunconfdCall *call);

gboolean runconfd_call_is_trusted (const RunconfdCall *call);
gboolean runconfd_call_may_read_secrets (const RunconfdCall *call);
guint runconfd_call_get_max_values (const RunconfdCall *call);
gboolean runconfd_call_check_values (const RunconfdCall *call, gsize n_values, const char *path,
                                     GError **error);

RunconfdRequest *runconfd_call_make_request (const RunconfdCall *call, const char *origin);
RunconfdRequest *runconfd_call_take_request (RunconfdCall *call);

void runconfd_call_return_error (const RunconfdCall *call, const GError *error);
void runconfd_call_return_value (const RunconfdCall *call, GVariant *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdCall, runconfd_call_free)

G_END_DECLS
