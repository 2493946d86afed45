/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/file/recovery.h"

#include <fcntl.h>

#include "store/digest.h"
#include "store/fd.h"
#include "store/file/journal.h"
#include "store/file/replacement.h"
#include "store/file/text-file.h"

/* After a power cut, a text whose replacement was in the journal, and not yet synced, may be the old one, the
 * new one, or a part of the new one. After a kill, it may be the old one. In these cases the text of the last
 * entry replaces it.
 *
 * Another text was put there by another program after the last entry, and stays. A program that puts an
 * earlier text back makes another file, or one with a later time, so inode and time are compared as well
 * as the text. Thus an entry that wasn't cleared does no harm: each further replacement makes another file.
 */

static gboolean
is_same_file (const RunconfJournalFile *a, const RunconfJournalFile *b)
{
  return a->inode == b->inode && a->mtime == b->mtime;
}

static gboolean
is_old (const RunconfJournalEntry *entry, const RunconfJournalFile *file, GBytes *digest)
{
  return is_same_file (&entry->old, file) && g_bytes_equal (entry->old_digest, digest);
}

static gboolean
is_own (GPtrArray *entries, const RunconfJournalFile *file, GBytes *content)
{
  g_autoptr (GBytes) digest = runconf_digest_new (content);

  for (guint i = 0; i < entries->len; i++)
    if (is_old (entries->pdata[i], file, digest)
        || runconf_journal_entry_is_torn (entries->pdata[i], file, content))
      return TRUE;

  return FALSE;
}

static gboolean
put (int directory, const char *name, const char *path, GBytes *old, GBytes *text,
     RunconfGrace *grace, GError **error)
{
  g_autoptr (RunconfReplacement) replacement
      = runconf_replacement_new (fcntl (directory, F_DUPFD_CLOEXEC, 0), name, path, grace);
  g_autoptr (GBytes) digest = runconf_digest_new (old);
  RunconfSignature signature;

  return runconf_replacement_prepare (replacement, text, &signature, error)
         && runconf_replacement_commit (replacement, digest, old, &signature, error);
}

/**
 * runconf_recovery_run:
 * @directory: file descriptor of the directory
 * @name: the file in it
 * @path: the same file
 * @entries: (element-type RunconfJournalEntry): the entries of the journal, oldest first
 * @grace: looks after the file that is replaced
 * @error: return location
 *
 * Puts the text of the last entry in its place, if the file has an earlier text of this service, or a
 * part of one. Call it with the lock of the file held.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED or %RUNCONF_STORE_ERROR_CONFLICT
 */
gboolean
runconf_recovery_run (int directory, const char *name, const char *path, GPtrArray *entries,
                      RunconfGrace *grace, GError **error)
{
  const RunconfJournalEntry *last;
  g_autoptr (GBytes) content = NULL;
  RunconfSignature signature;
  RunconfJournalFile file;

  if (entries->len == 0
      || !runconf_text_file_read_at (directory, name, path, &content, &signature, NULL, NULL)
      || content == NULL)
    return TRUE;

  last = entries->pdata[entries->len - 1];
  file = (RunconfJournalFile){ signature.inode, signature.mtime };
  if (g_bytes_equal (content, last->text) || !is_own (entries, &file, content))
    return TRUE;

  return put (directory, name, path, content, last->text, grace, error);
}
