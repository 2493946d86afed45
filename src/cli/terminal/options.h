/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CliOptions:
 * @configuration: (nullable): the name of the configuration
 * @address: (nullable): the address of a bus
 * @offline: (nullable): the file of the overrides
 * @defaults: (nullable): the file of the defaults
 * @color: (nullable): `auto`, `always` or `never`
 *
 * The options of all verbs, given before or after the verb.
 */
typedef struct
{
  char *configuration;
  char *address;
  char *offline;
  char *defaults;
  char *color;
  gboolean session;
  gboolean system;
  gboolean json;
  gboolean quiet;
  gboolean help;
  gboolean version;
} CliOptions;

void cli_options_clear (CliOptions *self);
GOptionEntry *cli_options_make_entries (CliOptions *self, gboolean is_before_verb);
GOptionGroup *cli_options_new_group (CliOptions *self, gboolean is_before_verb);
gboolean cli_options_check (const CliOptions *self, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliOptions, cli_options_clear)

G_END_DECLS
