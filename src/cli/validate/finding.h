/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * CliFinding:
 * @file: the name of the file, as valid UTF-8
 * @line: from 1; 0 for an error of the file as a whole
 * @column: from 1, in characters
 * @path: (nullable): the path of the invalid value
 * @rule: (nullable): the keyword of the schema that the value violates
 * @message: the description of the error
 *
 * An error in a file.
 */
typedef struct
{
  char *file;
  guint line;
  guint column;
  char *path;
  char *rule;
  char *message;
} CliFinding;

CliFinding *cli_finding_new (const char *file, guint line, guint column, const char *message);
CliFinding *cli_finding_new_at (const char *file, RunconfDocument *document, const char *path,
                                const char *message);
CliFinding *cli_finding_new_from_error (const char *file, const GError *error);
void cli_finding_free (CliFinding *self);

int cli_finding_compare (gconstpointer a, gconstpointer b);
char *cli_finding_format (const CliFinding *self);
RunconfNode *cli_finding_to_node (const CliFinding *self);

G_END_DECLS
