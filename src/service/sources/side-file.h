/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/files.h"
#include "store/watch/watcher.h"

G_BEGIN_DECLS

/**
 * RunconfdSide:
 *
 * The side files of a configuration: files that Runconf reads and never writes.
 */
typedef enum
{
  RUNCONFD_SIDE_DEFAULTS,
  RUNCONFD_SIDE_SCHEMA,
  RUNCONFD_SIDE_LOCKS,
} RunconfdSide;

#define RUNCONFD_N_SIDES (RUNCONFD_SIDE_LOCKS + 1)

/**
 * RunconfdPart:
 * @layer: the layer of the file
 * @path: of the file
 * @replaced_by: the layer that replaces it as a whole; %RUNCONF_N_LAYERS if none does
 * @text: its contents
 *
 * A file that was read.
 */
typedef struct
{
  RunconfLayer layer;
  char *path;
  RunconfLayer replaced_by;
  GBytes *text;
} RunconfdPart;

typedef void (*RunconfdPartFunc) (const RunconfdPart *part, gboolean is_removed,
                                  gpointer user_data);

/**
 * RunconfdSideFile:
 * @side: which one it is
 * @folders: (nullable) (element-type RunconfLayerPath): the folders that may have it, the most important
 *   one last; %NULL if it is only at @path
 * @path: its current or last path
 * @watcher: (nullable): reports its changes; without one the folders are watched
 * @known: (element-type RunconfdPart): the files in use, empty if there was none; never modified
 * @patience: the wait for a process that is writing it, see store/watch/patience.h
 * @watchers: (nullable): those of the folders
 * @parts: (element-type RunconfdPart): the files that were read, empty if there is none
 * @writer: whether a process is writing a part
 * @written: the signature of such parts
 * @written_text: (nullable): the text of the last of them
 * @is_held: whether a process is writing it, so that the known contents stay
 * @is_changed: whether @parts differ from @known
 * @error: the reason why it can't be read, or not be used
 *
 * A side file. The fields from @watchers on are for reading a copy in a thread.
 */
typedef struct
{
  RunconfdSide side;
  GPtrArray *folders;
  char *path;
  RunconfWatcher *watcher;
  GPtrArray *known;
  RunconfPatience patience;

  GPtrArray *watchers;
  GPtrArray *parts;
  RunconfWriter writer;
  RunconfSignature written;
  GBytes *written_text;
  gboolean is_held;
  gboolean is_changed;
  GError *error;
} RunconfdSideFile;

const char *runconfd_side_get_name (RunconfdSide side);
const char *runconfd_side_get_drop_ins (RunconfdSide side);

void runconfd_side_file_init (RunconfdSideFile *self, RunconfdSide side, const char *path,
                              gboolean watch);
void runconfd_side_file_init_in_folders (RunconfdSideFile *self, RunconfdSide side,
                                         GPtrArray *folders);
void runconfd_side_file_copy (RunconfdSideFile *self, const RunconfdSideFile *from,
                              GPtrArray *watchers);
void runconfd_side_file_clear (RunconfdSideFile *self);

void runconfd_side_file_read (RunconfdSideFile *self);
GBytes *runconfd_side_file_get_text (const RunconfdSideFile *self);
void runconfd_side_file_foreach_change (const RunconfdSideFile *self, RunconfdPartFunc func,
                                        gpointer user_data);
void runconfd_side_file_take (RunconfdSideFile *self, const RunconfdSideFile *read);

G_END_DECLS
