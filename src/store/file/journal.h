/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The size of the text and the attachment of an entry together, in bytes, at most. */
#define RUNCONF_JOURNAL_MAX_ENTRY (128 * 1024)

/**
 * RunconfJournalFile:
 * @inode: its inode
 * @mtime: its time of modification, in ns since the epoch
 *
 * A file that this service wrote.
 */
typedef struct
{
  guint64 inode;
  gint64 mtime;
} RunconfJournalFile;

/**
 * RunconfJournalEntry:
 * @old: the file that is replaced; it is on the disk, or its text is in an earlier entry
 * @old_digest: runconf_digest_new() of its text
 * @new: the file that replaces it
 * @text: the text of that file
 * @attachment: data of the caller
 *
 * The replacement of a text.
 */
typedef struct
{
  RunconfJournalFile old;
  GBytes *old_digest;
  RunconfJournalFile new;
  GBytes *text;
  GBytes *attachment;
} RunconfJournalEntry;

void runconf_journal_entry_free (RunconfJournalEntry *self);

/**
 * RunconfJournal:
 *
 * The last replacements of a text, in a file of a fixed size beside the text. Its functions block on the
 * file system, and may be called from any thread, but one at a time.
 */
typedef struct _RunconfJournal RunconfJournal;

gboolean runconf_journal_is_supported (int directory);
RunconfJournal *runconf_journal_create (int directory, const char *name, gsize entry_size);
RunconfJournal *runconf_journal_open (int directory, const char *name);
void runconf_journal_free (RunconfJournal *self);

GPtrArray *runconf_journal_list (RunconfJournal *self);
gboolean runconf_journal_is_named (RunconfJournal *self, int directory);
gboolean runconf_journal_is_clear (RunconfJournal *self);
gboolean runconf_journal_is_large_enough (RunconfJournal *self, gsize entry_size);
gboolean runconf_journal_is_filling (RunconfJournal *self);
gboolean runconf_journal_has_room (RunconfJournal *self, gsize size);
gboolean runconf_journal_add (RunconfJournal *self, const RunconfJournalEntry *entry);
gboolean runconf_journal_revoke (RunconfJournal *self);
gboolean runconf_journal_clear (RunconfJournal *self);

gboolean runconf_journal_entry_is_torn (const RunconfJournalEntry *self,
                                        const RunconfJournalFile *file, GBytes *content);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfJournal, runconf_journal_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfJournalEntry, runconf_journal_entry_free)

G_END_DECLS
