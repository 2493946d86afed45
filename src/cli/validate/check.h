/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/validate/finding.h"
#include "cli/validate/progress.h"

G_BEGIN_DECLS

/**
 * CliCheck:
 *
 * Checks files without a service: whether they can be parsed, and whether a schema allows their
 * values.
 */
typedef struct _CliCheck CliCheck;

CliCheck *cli_check_new (const char *schema, char **defaults);
void cli_check_free (CliCheck *self);

gboolean cli_check_run (CliCheck *self, const char *file, CliProgress *progress, char **schema);
GPtrArray *cli_check_get_findings (CliCheck *self);
gboolean cli_check_has_more (CliCheck *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliCheck, cli_check_free)

G_END_DECLS
