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
 * @patience: with a process that is writing it
 * @watchers: (nullable): those of the folders
 * @parts: (element-type RunconfdPart): what was found when it was read, empty if there is no file
 * @found: (nullable): the same, for comparing
 * @writer: whether a process is writing a part
 * @written: the signature of such parts
 * @written_text: (nullable): what the last of them held
 * @is_held: whether a process is writing it, so that what is known stays
 * @is_changed: whether that is something else than what is known
 * @error: why it can't be read, or not be taken
 *
 * One of these files. Those from @watchers on are for the reader: in a thread, on a copy.
 */
typedef struct
{
  const char *name;
  const char *drop_ins;
  char **folders;
  char *path;
  RunconfWatcher *watcher;
  GBytes *known;
  RunconfPatience patience;

  GPtrArray *watchers;
  GPtrArray *parts;
  GBytes *found;
  RunconfWriter writer;
  RunconfSignature written;
  GBytes *written_text;
  gboolean is_held;
  gboolean is_changed;
  GError *error;
} RunconfdSideFile;

void runconfd_side_file_init (RunconfdSideFile *self, char *path, gboolean watch);
void runconfd_side_file_init_in_folders (RunconfdSideFile *self, const char *const *folders,
                                         const char *name, const char *drop_ins);
void runconfd_side_file_copy (RunconfdSideFile *self, const RunconfdSideFile *from,
                              GPtrArray *watchers);
void runconfd_side_file_clear (RunconfdSideFile *self);

void runconfd_side_file_read (RunconfdSideFile *self, gboolean is_yaml);
GBytes *runconfd_side_file_get_text (const RunconfdSideFile *self);
void runconfd_side_file_take (RunconfdSideFile *self, const RunconfdSideFile *read);

G_END_DECLS
