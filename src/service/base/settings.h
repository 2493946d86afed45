/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/history/history.h"

G_BEGIN_DECLS

/**
 * RunconfdSettings:
 * @name: the name of the configuration
 * @folders: (nullable) (element-type RunconfLayerPath): the folders of the defaults, the most important one
 *   last; %NULL if the defaults are in @defaults_path alone
 * @defaults_path: the file of the defaults; with @folders, the one that was in force at the start
 * @runtime_path: the file of the overrides; with @folders, the service creates it and its folder at the
 *   first write
 * @boot_path: (nullable): the file of the overrides for this boot; %NULL if there are none
 * @session: (nullable): the address of the session bus, if the service is on it
 * @keep_last_good: whether the values in force stay when the file of the overrides is broken; if not,
 *   the defaults replace them
 * @watch: whether the files are watched for edits by hand
 * @has_history: whether changes are kept in a history
 * @history: how many of them
 *
 * The settings of a configuration, which never change while it is served.
 */
typedef struct
{
  char *name;
  GPtrArray *folders;
  char *defaults_path;
  char *runtime_path;
  char *boot_path;
  char *session;
  gboolean keep_last_good;
  gboolean watch;
  gboolean has_history;
  RunconfHistoryLimits history;
} RunconfdSettings;

void runconfd_settings_copy (RunconfdSettings *self, const RunconfdSettings *from);
void runconfd_settings_clear (RunconfdSettings *self);

G_END_DECLS
