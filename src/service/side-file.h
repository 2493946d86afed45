/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/layers.h"
#include "store/watcher.h"

G_BEGIN_DECLS

/**
 * RunconfdSide:
 *
 * The files that Runconf reads and never writes.
 */
typedef enum
{
  RUNCONFD_SIDE_DEFAULTS,
  RUNCONFD_SIDE_SCHEMA,
  RUNCONFD_SIDE_LOCKS,
} RunconfdSide;

#define RUNCONFD_N_SIDES (RUNCONFD_SIDE_LOCKS + 1)

/**
 * RunconfdSideFile:
 * @name: what it is called in each folder
 * @drop_ins: (nullable): the folder beside it whose files are merged over it, if there is one
 * @folders: (nullable) (array zero-terminated=1): where it may be, as for runconfd_layers_find();
 *   %NULL if it is at @path alone
 * @path: where it is, or was last
 * @watcher: (nullable): who says that it changed; without one the folders are watched
 * @known: (nullable): what was taken last, %NULL if there was no file
 * @parts: (element-type RunconfdPart): what was found when it was read, empty if there is no file
 * @found: (nullable): the same, for comparing
 * @is_changed: whether that is something else than what is known
 * @error: why it can't be read, or not be taken
 *
 * One of these files. The last four are for who reads it: in a thread, on a copy.
 */
typedef struct
{
  const char *name;
  const char *drop_ins;
  char **folders;
  char *path;
  RunconfWatcher *watcher;
  GBytes *known;

  GPtrArray *parts;
  GBytes *found;
  gboolean is_changed;
  GError *error;
} RunconfdSideFile;

void runconfd_side_file_init (RunconfdSideFile *self, char *path, gboolean watch);
void runconfd_side_file_init_in_folders (RunconfdSideFile *self, const char *const *folders,
                                         const char *name, const char *drop_ins);
void runconfd_side_file_copy (RunconfdSideFile *self, const RunconfdSideFile *from);
void runconfd_side_file_clear (RunconfdSideFile *self);

void runconfd_side_file_read (RunconfdSideFile *self);
GBytes *runconfd_side_file_get_text (const RunconfdSideFile *self);
void runconfd_side_file_take (RunconfdSideFile *self, const RunconfdSideFile *read);

G_END_DECLS
