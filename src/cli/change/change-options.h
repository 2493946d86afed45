/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CliChangeOptions:
 * @dry_run: whether the change is only tried
 * @has_if_version: whether @if_version is set
 * @if_version: the version that has to be in force
 * @message: (nullable): the reason for the change
 * @confirm_timeout: the time in seconds after which the change is reverted; 0 for never
 * @changed: whether the exit status shows that nothing changed
 *
 * The options of all verbs that make a change.
 */
typedef struct
{
  gboolean dry_run;
  gboolean has_if_version;
  guint64 if_version;
  char *message;
  guint64 confirm_timeout;
  gboolean changed;
} CliChangeOptions;

/* for the options of the verbs that can change the overrides for this boot; see CLI_CHANGE_OPTION_BOOT */
extern gboolean cli_change_is_boot;

#define CLI_CHANGE_OPTION_BOOT                                                                     \
  {                                                                                                \
    "boot", 0, 0, G_OPTION_ARG_NONE, &cli_change_is_boot, N_ ("Until the next boot only"), NULL    \
  }

const GOptionEntry *cli_change_options_get_entries (void);
GOptionGroup *cli_change_options_new_group (void);
void cli_change_options_reset (void);

const CliChangeOptions *cli_change_options_get (void);
void cli_change_options_suggest_message (const char *message);
void cli_change_options_set_if_version (guint64 version);

G_END_DECLS
