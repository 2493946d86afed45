/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

G_BEGIN_DECLS

/* A call of the library to the service, in both forms. The arguments are valid. */
typedef struct
{
  const char *name;
  const char *method; /* on the bus */
  const char *reply;  /* its type */
  gboolean (*run) (RunconfConfiguration *configuration, GError **error);
  void (*start) (RunconfConfiguration *configuration, GAsyncReadyCallback callback, gpointer data);
  gboolean (*finish) (RunconfConfiguration *configuration, GAsyncResult *result, GError **error);
} EveryCall;

/* all calls that the library has; the last one has no name */
extern const EveryCall every_call[];

/* Makes the call, in one form after the other. Both must succeed, or both must fail with the same error.
 *
 * Returns: (transfer full) (nullable): the error
 */
GError *every_call_make (const EveryCall *call, RunconfConfiguration *configuration);

/* Makes all calls; all must fail with RUNCONF_ERROR_UNAVAILABLE and a message with this part. */
void every_call_assert_refused (RunconfConfiguration *configuration, const char *part);

G_END_DECLS
