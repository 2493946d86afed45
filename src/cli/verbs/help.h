/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/verbs/verb.h"

G_BEGIN_DECLS

GOptionContext *cli_help_new_context (const CliVerb *verb, CliOptions *options);
gboolean cli_help_parse_global (CliOptions *options, int *argc, char ***argv, GError **error);

CliExit cli_help_print (const CliVerb *verb);
CliExit cli_help_print_version (void);

G_END_DECLS
