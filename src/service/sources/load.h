/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/layer.h"
#include "layers/stack.h"
#include "schema/schema.h"
#include "service/sources/source-file.h"
#include "store/file/store.h"
#include "store/watch/watcher.h"
#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfdTextLoad:
 * @layer: that of the overrides in the text
 * @path: (nullable): the file
 * @store: (nullable): has the text; %NULL if there is none
 * @watcher: (nullable): watches a file that has no store yet
 * @known_stamp: (nullable): of the known text
 * @is_changed: (out): whether the text isn't the known one
 * @text: (out) (nullable): the text; %NULL if there is no file
 * @stamp: (out) (nullable): of @text
 * @document: (out) (nullable): the meaning of a text that changed
 * @error: (out) (nullable): the reason why it has none
 *
 * The reading of a text of overrides. It is parsed only if it differs from the known one.
 */
typedef struct
{
  RunconfLayer layer;
  char *path;
  RunconfStore *store;
  RunconfWatcher *watcher;
  GBytes *known_stamp;
  gboolean is_changed;
  GBytes *text;
  GBytes *stamp;
  RunconfDocument *document;
  GError *error;
} RunconfdTextLoad;

/**
 * RunconfdLoad:
 *
 * Reads and parses the files of a configuration. It blocks, so it runs in a thread, and shares
 * nothing with the main loop meanwhile.
 *
 * @overrides and @boot are the texts that the service writes. The source files (source-file.h) are treated
 * alike: their meanings are @files (%NULL if they didn't change), @schema
 * (%NULL without a file) and @locks (the same). A file with defaults that is broken keeps its last good
 * text, found in @known_stack. @stack has the files laid over each other, with the locks; it is %NULL if
 * it would be the same as @known_stack. @folders has the watchers of the folders with the source files, if there are
 * folders; then @is_vacant means that there is nothing to serve, and @makes_folder that the folder
 * of the overrides is created with the first write.
 */
typedef struct
{
  RunconfdSourceFile sources[RUNCONFD_N_SOURCES];
  GPtrArray *folders;
  RunconfStack *known_stack;
  RunconfLocks *known_locks;
  GPtrArray *files;
  RunconfStack *stack;
  RunconfSchema *schema;
  RunconfLocks *locks;

  RunconfdTextLoad overrides;
  RunconfdTextLoad boot;
  gboolean has_held_source; /* a process is writing a source file: its known contents stay */
  gboolean is_vacant;
  gboolean makes_folder;
} RunconfdLoad;

gboolean runconfd_text_load_is_held (const RunconfdTextLoad *self);

void runconfd_load_free (RunconfdLoad *self);
void runconfd_load_run (RunconfdLoad *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdLoad, runconfd_load_free)

G_END_DECLS
