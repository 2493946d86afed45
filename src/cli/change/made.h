/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "cli/terminal/exit.h"

G_BEGIN_DECLS

/**
 * CliMade:
 * @version: the version that the service replied
 * @paths: the paths whose value changed
 * @is_change: whether anything changed, in the values or in the text
 * @text: (nullable): the name of the text, %NULL for the overrides; not owned
 *
 * The result of a change.
 */
typedef struct
{
  guint64 version;
  char **paths;
  gboolean is_change;
  const char *text;
} CliMade;

void cli_made_clear (CliMade *self);
CliExit cli_made_print (const CliMade *made);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliMade, cli_made_clear)

G_END_DECLS
