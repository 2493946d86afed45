/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/files.h"
#include "store/watch/watcher.h"

G_BEGIN_DECLS

/**
 * RunconfdSource:
 *
 * The source files of a configuration: files that Runconf reads and never writes.
 */
typedef enum
{
  RUNCONFD_SOURCE_DEFAULTS,
  RUNCONFD_SOURCE_SCHEMA,
  RUNCONFD_SOURCE_LOCKS,
} RunconfdSource;

#define RUNCONFD_N_SOURCES (RUNCONFD_SOURCE_LOCKS + 1)

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
 * RunconfdSourceFile:
 * @source: which one it is
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
 * A source file. The fields from @watchers on are for reading a copy in a thread.
 */
typedef struct
{
  RunconfdSource source;
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
} RunconfdSourceFile;

const char *runconfd_source_get_name (RunconfdSource source);
const char *runconfd_source_get_drop_ins (RunconfdSource source);

void runconfd_source_file_init (RunconfdSourceFile *self, RunconfdSource source, const char *path,
                                gboolean watch);
void runconfd_source_file_init_in_folders (RunconfdSourceFile *self, RunconfdSource source,
                                           GPtrArray *folders);
void runconfd_source_file_copy (RunconfdSourceFile *self, const RunconfdSourceFile *from,
                                GPtrArray *watchers);
void runconfd_source_file_clear (RunconfdSourceFile *self);

void runconfd_source_file_read (RunconfdSourceFile *self);
GBytes *runconfd_source_file_get_text (const RunconfdSourceFile *self);
void runconfd_source_file_foreach_change (const RunconfdSourceFile *self, RunconfdPartFunc func,
                                          gpointer user_data);
void runconfd_source_file_take (RunconfdSourceFile *self, const RunconfdSourceFile *read);

G_END_DECLS
