/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>

G_BEGIN_DECLS

/**
 * RunconfMethod:
 *
 * A method of `org.runconf.Config1` that the library calls. Those from Set to Confirm write.
 */
typedef enum
{
  RUNCONF_METHOD_GET,
  RUNCONF_METHOD_SET,
  RUNCONF_METHOD_RESET,
  RUNCONF_METHOD_MERGE,
  RUNCONF_METHOD_MERGE_TEXT,
  RUNCONF_METHOD_SAVE,
  RUNCONF_METHOD_APPLY,
  RUNCONF_METHOD_REPLACE_TEXT,
  RUNCONF_METHOD_REVERT,
  RUNCONF_METHOD_CONFIRM,
  RUNCONF_METHOD_RELOAD,
  RUNCONF_METHOD_DESCRIBE,
  RUNCONF_METHOD_EXPLAIN,
  RUNCONF_METHOD_DUMP,
  RUNCONF_METHOD_HISTORY,
  RUNCONF_METHOD_DIFF,
} RunconfMethod;

void runconf_call_start (RunconfConfiguration *configuration, RunconfMethod method,
                         GVariant *arguments, GError *refusal, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data);
GVariant *runconf_call_finish (RunconfConfiguration *configuration, RunconfMethod method,
                               GAsyncResult *result, GError **error);
gboolean runconf_call_is_of (GAsyncResult *result, RunconfMethod method);
GVariant *runconf_call_get_arguments (GAsyncResult *result);
GVariant *runconf_call_run (RunconfConfiguration *configuration, RunconfMethod method,
                            GVariant *arguments, GError *refusal, GCancellable *cancellable,
                            GError **error);

void runconf_call_set_timeout (int milliseconds);

G_END_DECLS
