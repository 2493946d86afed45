/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * CliPlace:
 * @file: the file of the overrides
 * @defaults: (nullable): the file of the defaults; %NULL with a root
 * @root: (nullable): the root folder of the system that the file belongs to; %NULL if it belongs to
 *   none
 * @name: the name of the configuration
 * @uid: the owner of the folder that the file is in
 * @gid: the group of that folder
 *
 * The files of a configuration, and their owner.
 */
typedef struct
{
  char *file;
  char *defaults;
  char *root;
  char *name;
  uid_t uid;
  gid_t gid;
} CliPlace;

void cli_place_find (CliPlace *self, const char *file, const char *defaults, const char *name);
void cli_place_clear (CliPlace *self);

char *cli_place_find_defaults (const char *file);

G_END_DECLS
