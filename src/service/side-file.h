/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

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
 * @path: where it is
 * @watcher: who says that it changed
 * @known: (nullable): the text that was taken last, %NULL if there was no file
 * @text: (nullable): what was found when it was read, %NULL if there is no file
 * @is_changed: whether that is another text than the one that is known
 * @error: why it can't be read, or not be taken
 *
 * One of these files. The last three are for who reads it: in a thread, on a copy.
 */
typedef struct
{
  char *path;
  RunconfWatcher *watcher;
  GBytes *known;

  GBytes *text;
  gboolean is_changed;
  GError *error;
} RunconfdSideFile;

void runconfd_side_file_init (RunconfdSideFile *self, char *path, gboolean watch);
void runconfd_side_file_copy (RunconfdSideFile *self, const RunconfdSideFile *from);
void runconfd_side_file_clear (RunconfdSideFile *self);

void runconfd_side_file_read (RunconfdSideFile *self);
void runconfd_side_file_take (RunconfdSideFile *self, const RunconfdSideFile *read);

G_END_DECLS
