/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/folders.h"

G_BEGIN_DECLS

/**
 * RunconfFleetdViolation:
 * @file: the file with the value
 * @line: the line of the value in the file
 * @column: its column
 * @message: the problem
 *
 * A value that the schema of its configuration doesn't allow.
 */
typedef struct
{
  char *file;
  guint line;
  guint column;
  char *message;
} RunconfFleetdViolation;

GPtrArray *runconf_fleetd_trial_run (const RunconfFolders *folders, const char *name,
                                     GHashTable *texts);

G_END_DECLS
