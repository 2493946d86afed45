/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/revision.h"
#include "service/history/archive.h"
#include "store/file/store.h"
#include "store/state.h"
#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfdCommit:
 * @layer: that of the text
 * @store: (nullable): receives the text; %NULL if @keeps_text
 * @state: receives the version
 * @archive: receives the changes
 * @records: (element-type RunconfHistoryRecord): the changes
 * @runtime_path: the name of the text in messages
 * @lasting_path: the file of the overrides that stay, beside the state and the history
 * @makes_folder: whether to create the folders of both if they are missing
 * @needs_lasting_folder: whether that of @lasting_path has to be there, since it had a text
 * @default_path: the file of the defaults, for the metadata
 * @base: (nullable): the document that is changed; %NULL for a new file
 * @broken: (nullable): a text that is kept aside before anything else
 * @keep_last_good: whether the history has to keep the last text at any size
 * @stamp: of the expected text in the store; afterwards, of the new one
 * @lasting: (nullable): with a text of the overrides for this boot, the text of the other overrides
 * @revision: the revision that the text has to mean
 * @replace: whether to write the text; %FALSE if an edit by hand put it into the store
 * @tries_history: whether to find out if the history can be written again
 * @keeps_text: whether to record only the version and leave the text alone
 * @document: the text; afterwards the new one
 * @kept: afterwards, the file with @broken
 * @rewritten: (nullable): afterwards, the file with the old text, if it couldn't be changed in
 *   place
 * @is_written: the text of the overrides was written
 * @is_deferred: it is in the journal, and has to be synced later
 * @warning: afterwards, an error that didn't harm the change
 *
 * Puts a revision on the disk. It blocks, so it runs in a thread. During runconfd_commit_settle()
 * the main loop reads its fields; the store allows that, and only the thread uses the state.
 */
typedef struct
{
  RunconfLayer layer;
  RunconfStore *store;
  RunconfState *state;
  RunconfdArchive *archive;
  GPtrArray *records;
  char *runtime_path;
  char *lasting_path;
  gboolean makes_folder;
  gboolean needs_lasting_folder;
  char *default_path;
  RunconfDocument *base;
  GBytes *broken;
  gboolean keep_last_good;
  GBytes *stamp;
  RunconfDocument *lasting;
  RunconfRevision *revision;
  gboolean replace;
  gboolean tries_history;
  gboolean keeps_text;
  RunconfDocument *document;
  char *kept;
  char *rewritten;
  gboolean is_written;
  gboolean is_deferred;
  GError *warning;
} RunconfdCommit;

void runconfd_commit_free (RunconfdCommit *self);
gboolean runconfd_commit_run (RunconfdCommit *self, GError **error);
gboolean runconfd_commit_settle (RunconfdCommit *self, GError **error);

gboolean runconfd_commit_sync (RunconfStore *store, RunconfState *state, RunconfdArchive *archive,
                               GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdCommit, runconfd_commit_free)

G_END_DECLS
