/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

G_BEGIN_DECLS

void editor_dry_run_start (RunconfConfiguration *configuration, RunconfTransaction *transaction,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean editor_dry_run_finish (RunconfConfiguration *configuration, GAsyncResult *result,
                                char **refusal);
gboolean editor_dry_run_is_about (const char *line, const char *path);

G_END_DECLS
