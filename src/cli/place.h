/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * CliPlace:
 * @file: of overrides
 * @defaults: (nullable): the file of the defaults; %NULL with a root
 * @root: (nullable): below which the folders of a system are; %NULL if the file is in none
 * @name: of the configuration
 * @uid: of whoever has the folder that the file is in
 * @gid: the same
 *
 * Where the files of a configuration are, and to whom they belong.
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
