/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/terminal/options.h"
#include "fleet/model/keys.h"

G_BEGIN_DECLS

/**
 * FleetOptions:
 * @common: the options of every command: the configuration, and the form of the output
 * @config: (nullable): the file with the settings
 * @endpoints: (nullable): the endpoints of etcd, separated by commas
 * @prefix: (nullable): the prefix of all keys
 * @user: (nullable): the user of etcd
 * @password_file: (nullable): the file with the password
 * @all: whether the verb is about all hosts
 * @group: (nullable): the group that the verb is about
 * @host: (nullable): the host that the verb is about
 *
 * The options of all verbs, given before or after the verb, and those that name hosts.
 */
typedef struct
{
  CliOptions common;
  char *config;
  char *endpoints;
  char *prefix;
  char *user;
  char *password_file;
  gboolean all;
  char *group;
  char *host;
} FleetOptions;

void fleet_options_clear (FleetOptions *self);
GOptionEntry *fleet_options_make_entries (FleetOptions *self, gboolean is_before_verb);
GOptionEntry *fleet_options_make_scope_entries (FleetOptions *self);
gboolean fleet_options_check (const FleetOptions *self, GError **error);
gboolean fleet_options_find_scope (const FleetOptions *self, RunconfFleetScope **scope,
                                   GError **error);
RunconfFleetScope *fleet_options_get_scope (const FleetOptions *self, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FleetOptions, fleet_options_clear)

G_END_DECLS
