/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "store/watch/lease.h"
#include "store/watch/patience.h"
#include "store/watch/signature.h"

G_BEGIN_DECLS

/**
 * RunconfFreshness:
 * @RUNCONF_FRESH: as far as is known, the text is the one last loaded or replaced
 * @RUNCONF_STALE: the text changed and has been quiet since: load it now
 * @RUNCONF_BUSY: the text is being changed; `changed` is emitted when that is over
 *
 * Whether the text changed since it was last loaded or replaced.
 */
typedef enum
{
  RUNCONF_FRESH,
  RUNCONF_STALE,
  RUNCONF_BUSY,
} RunconfFreshness;

/**
 * RunconfWatcher:
 *
 * Reports that the content of one file, or of the files in one folder, may have changed, in
 * whatever way.
 *
 * It doesn't read the file: its owner does, and passes the signature of the content it has read to
 * runconf_watcher_set_known(). So a watcher can't distinguish a change of the content from a change
 * of the time alone; an owner that needs to know compares the content.
 */
#define RUNCONF_TYPE_WATCHER (runconf_watcher_get_type ())
G_DECLARE_FINAL_TYPE (RunconfWatcher, runconf_watcher, RUNCONF, WATCHER, GObject)

RunconfWatcher *runconf_watcher_new (const char *path, gboolean watch);
RunconfWatcher *runconf_watcher_new_folder (const char *path, gboolean watch);
const char *runconf_watcher_get_path (RunconfWatcher *self);
RunconfFreshness runconf_watcher_check (RunconfWatcher *self);

RunconfWriter runconf_watcher_find_writer (RunconfWatcher *self, const char *path,
                                           RunconfLease lease, const RunconfSignature *signature);

void runconf_watcher_set_known (RunconfWatcher *self, const RunconfSignature *signature,
                                gint64 seen_at);
void runconf_watcher_look (RunconfWatcher *self);
void runconf_watcher_expect (RunconfWatcher *self, const RunconfSignature *coming);

G_END_DECLS
