/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/diff.h"

G_BEGIN_DECLS

/* The whole old text is kept up to this size. */
#define RUNCONF_FLEET_MAX_OLD_TEXT (64 * 1024)

/* The changed values are kept up to this size, as JSON; beyond it, only paths are. */
#define RUNCONF_FLEET_MAX_OLD_VALUES (128 * 1024)
#define RUNCONF_FLEET_MAX_OLD_PATHS 100

/* A document keeps so many entries; older ones are removed, several at a time. */
#define RUNCONF_FLEET_MAX_ENTRIES 100

/**
 * RunconfFleetEntry:
 * @revision: the revision of the change; not in the text of the entry, since the store assigns it
 * @time: in µs since the epoch, by the clock of the author's machine
 * @author: the user of the store, or the login at the host
 * @message: (nullable): the reason
 * @kind: the verb: `set`, `merge`, …
 * @before: the revision of the document before the change, 0 if there was none
 * @text: (nullable): the document before the change, %NULL if there was none or it is too large
 * @deltas: (element-type RunconfDelta): the changes of values, or the first of them
 * @n_changes: the number of all changes of values
 * @is_whole: whether @deltas are all changes, with their values as they were
 *
 * One change of a document, as its history keeps it. All members are owned.
 */
typedef struct
{
  gint64 revision;
  gint64 time;
  char *author;
  char *message;
  char *kind;
  gint64 before;
  GBytes *text;
  GPtrArray *deltas;
  guint n_changes;
  gboolean is_whole;
} RunconfFleetEntry;

RunconfFleetEntry *runconf_fleet_entry_new (const char *kind, const char *author,
                                            const char *message, gint64 time);
void runconf_fleet_entry_free (RunconfFleetEntry *self);

void runconf_fleet_entry_set_change (RunconfFleetEntry *self, gint64 before, GBytes *text,
                                     const RunconfNode *from, const RunconfNode *to);

void runconf_fleet_entry_cut (RunconfFleetEntry *self);

RunconfFleetEntry *runconf_fleet_entry_read (GBytes *text, const char *name, gint64 revision,
                                             GError **error);
GBytes *runconf_fleet_entry_write (const RunconfFleetEntry *self);

RunconfNode *runconf_fleet_entry_undo (const RunconfFleetEntry *self, const RunconfNode *root);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetEntry, runconf_fleet_entry_free)

G_END_DECLS
