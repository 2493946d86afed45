/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/edit/source.h"

G_BEGIN_DECLS

/**
 * CliEditingOptions:
 * @command: (nullable): the editor, in the syntax of a shell
 * @has_if_version: whether the text has to have the version @if_version
 * @is_dry_run: whether the text isn't stored
 *
 * How a text is edited.
 */
typedef struct
{
  const char *command;
  gboolean has_if_version;
  guint64 if_version;
  gboolean is_dry_run;
} CliEditingOptions;

CliExit cli_editing_run (const CliSource *source, const CliEditingOptions *options, GError **error);

G_END_DECLS
