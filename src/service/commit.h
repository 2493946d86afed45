/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/archive.h"
#include "service/revision.h"
#include "store/state.h"
#include "store/store.h"
#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfdCommit:
 * @store: where the text goes
 * @state: where the version goes
 * @archive: where the changes go
 * @records: (element-type RunconfHistoryRecord): the changes
 * @runtime_path: what the text is called in messages
 * @makes_folder: whether the folder of the text is made if it isn't there
 * @default_path: the file of the defaults, for the metadata
 * @base: (nullable): the document that is changed; %NULL for a new file
 * @broken: (nullable): a text that is kept aside before anything else
 * @keep_last_good: whether the history has to have the last text, whatever that costs
 * @stamp: what is expected to be in the store; afterwards, what is in it
 * @revision: what the text has to mean
 * @replace: whether the text is written; if not, it is in the store already, by somebody's hand
 * @tries_history: whether to find out if the history can be written by now
 * @keeps_text: whether the text isn't concerned at all, and only the version is recorded
 * @document: the text; afterwards the new one
 * @kept: afterwards, where @broken was kept
 * @rewritten: (nullable): afterwards, where the text before is kept, if it couldn't be changed in
 *   place
 * @warning: afterwards, what failed without harm to the change
 *
 * Puts a revision on the disk. It blocks, so it is done in a thread. While it settles, the main loop
 * reads what is in it; the store allows that, and the state is used by the thread alone.
 */
typedef struct
{
  RunconfStore *store;
  RunconfState *state;
  RunconfdArchive *archive;
  GPtrArray *records;
  char *runtime_path;
  gboolean makes_folder;
  char *default_path;
  RunconfDocument *base;
  GBytes *broken;
  gboolean keep_last_good;
  GBytes *stamp;
  RunconfdRevision *revision;
  gboolean replace;
  gboolean tries_history;
  gboolean keeps_text;
  RunconfDocument *document;
  char *kept;
  char *rewritten;
  GError *warning;
} RunconfdCommit;

void runconfd_commit_free (RunconfdCommit *self);
gboolean runconfd_commit_run (RunconfdCommit *self, GError **error);
gboolean runconfd_commit_settle (RunconfdCommit *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdCommit, runconfd_commit_free)

G_END_DECLS
