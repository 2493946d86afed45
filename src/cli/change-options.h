/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CliChangeOptions:
 * @dry_run: whether it is only tried
 * @has_if_version: whether @if_version counts
 * @if_version: which version has to be in force
 * @message: (nullable): what it is for
 * @confirm_timeout: after how many seconds it goes back; 0 for never
 * @changed: whether the exit status tells that nothing changed
 *
 * What is said about a change, whatever changes it.
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

const GOptionEntry *cli_change_options_get_entries (void);
GOptionGroup *cli_change_options_new_group (void);
void cli_change_options_reset (void);

const CliChangeOptions *cli_change_options_get (void);
void cli_change_options_set_if_version (guint64 version);
GVariant *cli_change_options_to_variant (void);

G_END_DECLS
