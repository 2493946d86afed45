/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/defaults.h"
#include "service/locks.h"
#include "schema/schema.h"
#include "service/side-file.h"
#include "store/store.h"
#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfdLoad:
 *
 * Reads and parses the files of a configuration. It blocks, so it is done in a thread; nothing in
 * it is shared with the main loop meanwhile.
 *
 * A text is only parsed if it is another one than the one that is known. Then @document is what it
 * means, or @error says why it means nothing; @text is %NULL where there is no file. It is the same
 * with each side: what it means is @defaults, @schema (%NULL without a file) or @locks (the same).
 * @folders are the watchers of the folders that the sides are in, if they are in folders; then
 * @is_vacant says that nothing is there to be served, and @makes_folder that the one of the
 * overrides is made when there is something to write.
 */
typedef struct
{
  RunconfdSideFile sides[RUNCONFD_N_SIDES];
  GPtrArray *folders;
  RunconfdDefaults *defaults;
  RunconfdSchema *schema;
  RunconfdLocks *locks;

  RunconfStore *store;
  gboolean has_held_side; /* a process is writing a side: what is known of it stays */
  gboolean is_vacant;
  gboolean makes_folder;
  char *runtime_path;
  GBytes *known_stamp;
  gboolean runtime_changed;
  GBytes *text;
  GBytes *stamp;
  RunconfDocument *document;
  GError *error;
} RunconfdLoad;

void runconfd_load_free (RunconfdLoad *self);
void runconfd_load_run (RunconfdLoad *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdLoad, runconfd_load_free)

G_END_DECLS
