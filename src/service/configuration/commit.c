/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/commit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "core/escape.h"
#include "core/metadata.h"
#include "service/base/room.h"
#include "store/directory.h"
#include "store/fd.h"
#include "store/file/journal.h"
#include "store/file/quarantine.h"
#include "store/watch/signature.h"
#include "yaml/emitter.h"
#include "yaml/rewrite.h"

/* The history keeps the last text as well, up to this size in bytes unless keep_last_good is set.
 * With it, the history has the changes of an edit by hand that was made while the service was down.
 */
#define MAX_CHEAP_TEXT (64 * 1024)

void
runconfd_commit_free (RunconfdCommit *self)
{
  g_clear_object (&self->store);
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_free (self->runtime_path);
  g_free (self->lasting_path);
  g_free (self->default_path);
  g_clear_pointer (&self->base, runconf_document_unref);
  g_clear_pointer (&self->broken, g_bytes_unref);
  g_clear_pointer (&self->stamp, g_bytes_unref);
  g_clear_pointer (&self->lasting, runconf_document_unref);
  g_clear_pointer (&self->revision, runconf_revision_unref);
  g_clear_pointer (&self->document, runconf_document_unref);
  g_free (self->kept);
  g_free (self->rewritten);
  g_clear_error (&self->warning);
  g_free (self);
}

static gboolean
is_boot (const RunconfdCommit *self)
{
  return self->layer == RUNCONF_LAYER_BOOT;
}

/* Returns: the comments at the head of a new file */
static RunconfDocument *
make_header (RunconfdCommit *self, GError **error)
{
  g_autofree char *shown = runconf_escape (self->default_path, -1);
  g_autofree char *header = g_strdup_printf (
      "# Overrides of %s%s\n"
      "#\n"
      "# A value in this file replaces the value at the same path in that file.\n"
      "# Runconf applies the changes when this file is saved.\n\n",
      shown, is_boot (self) ? ", until the next boot" : "");
  g_autoptr (GBytes) text = g_bytes_new (header, strlen (header));

  return runconf_document_new (text, self->runtime_path, error);
}

/* Writes the text so that it means @root. If the text had to be laid out anew, its old lines are
 * kept in a file aside.
 */
static RunconfDocument *
write_document (RunconfdCommit *self, const RunconfNode *root, GError **error)
{
  g_autoptr (RunconfDocument) base = NULL;
  g_autoptr (RunconfDocument) document = NULL;
  g_autoptr (RunconfdRoom) room = NULL;
  RunconfRewriteScope scope;

  base = self->base != NULL ? runconf_document_ref (self->base) : make_header (self, error);
  if (base == NULL)
    return NULL;

  room = runconfd_room_new (runconf_document_get_text (base), RUNCONFD_CHANGE_VALUE_BYTES,
                            self->runtime_path, error);
  if (room == NULL)
    return NULL;

  document = runconf_rewrite (base, root, self->runtime_path, &scope, error);
  if (document == NULL || scope != RUNCONF_REWRITE_WHOLE)
    return g_steal_pointer (&document);

  self->rewritten = runconf_quarantine_keep (self->runtime_path, RUNCONF_QUARANTINE_REWRITTEN,
                                             runconf_document_get_text (base), error);

  return self->rewritten != NULL ? g_steal_pointer (&document) : NULL;
}

/* Returns: (transfer full) (nullable): a text with the meaning of the document, but without
 * secrets; %NULL if it is too large to keep with each change
 */
static GBytes *
make_good_text (RunconfdCommit *self, RunconfDocument *document)
{
  const RunconfRules *rules = self->revision->ground->rules;
  const RunconfNode *root = runconf_document_get_root (document);
  g_autoptr (RunconfNode) visible = runconf_rules_strip (rules, root);
  GString *text;

  if (!self->keep_last_good
      && g_bytes_get_size (runconf_document_get_text (document)) > MAX_CHEAP_TEXT)
    return NULL;
  if (visible == root)
    return g_bytes_ref (runconf_document_get_text (document));

  text = g_string_new (NULL);
  runconf_emit_yaml (text, visible);

  return g_string_free_to_bytes (text);
}

static gboolean
has_waiting (GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      if (((RunconfHistoryRecord *) records->pdata[i])->deadline != 0)
        return TRUE;
    }

  return FALSE;
}

/* A change that is reverted unless confirmed has to survive a restart, so it needs the history.
 * Other changes are made without.
 */
static gboolean
check_prepared (RunconfdCommit *self, gboolean is_kept, GError **error)
{
  g_autofree char *trouble = NULL;

  if (is_kept || !has_waiting (self->records))
    return TRUE;

  trouble = runconfd_archive_dup_trouble (self->archive);
  g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED,
               "a change with “confirm-timeout” needs a history: %s",
               trouble != NULL ? trouble : "the service keeps none");

  return FALSE;
}

/* A folder may have been replaced by a symbolic link since the scan. A link that leads out of its
 * parent folder would let the service write anywhere.
 */
static gboolean
check_link (const char *folder, const char *above, GError **error)
{
  g_autofree char *real_above = NULL;
  g_autofree char *real_folder = NULL;
  g_autofree char *prefix = NULL;
  g_autofree char *display = NULL;
  struct stat status;

  if (lstat (folder, &status) < 0 || !S_ISLNK (status.st_mode))
    return TRUE;

  real_above = realpath (above, NULL);
  real_folder = realpath (folder, NULL);
  prefix = g_strconcat (real_above != NULL ? real_above : "", G_DIR_SEPARATOR_S, NULL);
  if (real_folder != NULL && g_str_has_prefix (real_folder, prefix))
    return TRUE;

  display = g_filename_display_name (folder);
  g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED,
               "%s: it is a symbolic link to a place outside of its folder, and Runconf doesn't "
               "write through it: replace it with a folder",
               display);

  return FALSE;
}

/* If the folder can't be created, creating a file in it fails and reports the error. */
static void
make_folder (const char *folder, const char *above)
{
  autofd int fd = -1;

  if (g_mkdir (folder, 0750) < 0 && (errno != ENOENT || g_mkdir_with_parents (folder, 0750) < 0))
    return;

  fd = open (above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0 && fsync (fd) < 0)
    g_debug ("Can't sync %s: %s", above, g_strerror (errno));
}

static gboolean
prepare_folder (RunconfdCommit *self, const char *path, gboolean has_to_be_there, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *above = g_path_get_dirname (folder);

  if (self->makes_folder && !check_link (folder, above, error))
    return FALSE;
  if (self->makes_folder && !has_to_be_there)
    make_folder (folder, above);

  return !has_to_be_there || runconf_directory_require (path, error);
}

static gboolean
prepare_folders (RunconfdCommit *self, GError **error)
{
  return prepare_folder (self, self->lasting_path, self->needs_lasting_folder, error)
         && (self->layer != RUNCONF_LAYER_BOOT || self->keeps_text
             || prepare_folder (self, self->runtime_path, FALSE, error));
}

/* The next start takes back the overrides for this boot, which aren't in any file then. */
static void
add_boot_text (RunconfdCommit *self)
{
  const RunconfRevision *revision = self->revision;
  g_autoptr (RunconfNode) visible = runconf_rules_strip (revision->ground->rules, revision->boot);
  RunconfHistoryRecord *last = self->records->pdata[self->records->len - 1];
  GString *text = g_string_new (NULL);

  if (runconf_node_get_length (visible) > 0)
    runconf_emit_yaml (text, visible);
  g_clear_pointer (&last->boot_text, g_bytes_unref);
  last->boot_text = g_string_free_to_bytes (text);
}

static gboolean
prepare_records (RunconfdCommit *self, RunconfDocument *document)
{
  GBytes *text = document != NULL ? runconf_document_get_text (document) : NULL;
  RunconfDocument *lasting = is_boot (self) ? self->lasting : document;
  g_autoptr (GBytes) good_text = lasting != NULL ? make_good_text (self, lasting) : NULL;

  if (is_boot (self) && self->records->len > 0)
    add_boot_text (self);

  return runconfd_archive_prepare (self->archive, self->records, text, good_text);
}

/* A batch that is written to the journal needs the history only later. If not, two threads write the history and
 * the new text to the disk at the same time: a file system does both for little more than the cost of one.
 */
typedef struct
{
  RunconfdCommit *commit;
  RunconfDocument *document;
  GThread *thread;
  gboolean is_announced;
  gboolean is_prepared; /* the history has the records, or will when the thread has ended */
} Preparation;

static gpointer
run_preparation (gpointer data)
{
  Preparation *preparation = data;

  return GINT_TO_POINTER (prepare_records (preparation->commit, preparation->document));
}

static gboolean
start_preparation (Preparation *self, GError **error)
{
  self->is_prepared = TRUE;
  if (self->commit->records->len > 0)
    self->thread = g_thread_try_new ("history", run_preparation, self, NULL);

  /* without a thread, the history is written before the text */
  return self->thread != NULL
         || check_prepared (self->commit, prepare_records (self->commit, self->document), error);
}

/* The state records the new version before there is a file with a text that isn't in the journal. A process that
 * is killed later leaves a state that knows both texts. It doesn't know the text of the overrides for this
 * boot, which only the history needs to find out whether that text was replaced.
 */
static gboolean
announce (Preparation *self, GError **error)
{
  RunconfdCommit *commit = self->commit;

  if (!self->is_announced && !is_boot (commit))
    self->is_announced = runconf_state_announce (commit->state, commit->revision->version,
                                                 runconf_document_get_text (self->document), error);

  return self->is_announced || is_boot (commit);
}

/* The history has to be on the disk before a text that isn't in the journal is in place. */
static gboolean
join_preparation (gpointer data, GError **error)
{
  Preparation *preparation = data;
  GThread *thread;

  if (!preparation->is_prepared && !start_preparation (preparation, error))
    return FALSE;

  thread = g_steal_pointer (&preparation->thread);
  if (thread == NULL)
    return TRUE;

  return check_prepared (preparation->commit, GPOINTER_TO_INT (g_thread_join (thread)), error);
}

/* @good_text: (out) (transfer full) (nullable): the text for the history
 *
 * Returns: (transfer full) (nullable): the records for the journal; %NULL if they can't be there
 */
static GBytes *
pack_records (RunconfdCommit *self, RunconfDocument *document, GBytes **good_text)
{
  GBytes *text = runconf_document_get_text (document);

  if (is_boot (self) || g_bytes_get_size (text) > RUNCONF_JOURNAL_MAX_ENTRY)
    return NULL;

  *good_text = make_good_text (self, document);

  return runconfd_archive_pack (self->archive, self->records, text, *good_text);
}

static gboolean
prepare_exchange (gpointer data, GError **error)
{
  Preparation *preparation = data;

  return announce (preparation, error) && join_preparation (preparation, error);
}

/* The journal has the records. None of them waits for a confirmation, so only the history needs them. */
static void
owe_records (RunconfdCommit *self, GBytes *digest, GBytes *good_text)
{
  GPtrArray *records = g_steal_pointer (&self->records);

  self->records = runconf_history_records_new ();
  runconfd_archive_owe (self->archive, runconf_history_batch_new (records, digest, good_text));
}

static gboolean
can_defer (RunconfdCommit *self, GBytes *text, GBytes *packed)
{
  return packed != NULL
         && runconf_store_can_defer (self->store,
                                     g_bytes_get_size (text) + g_bytes_get_size (packed));
}

/* Returns: whether the store has the text and the history records that, or soon will */
static gboolean
store_text (RunconfdCommit *self, RunconfDocument *document, GBytes **stamp, GError **error)
{
  GBytes *text = runconf_document_get_text (document);
  g_autoptr (GBytes) good_text = NULL;
  g_autoptr (GBytes) packed = pack_records (self, document, &good_text);
  Preparation preparation = { .commit = self, .document = document };
  gboolean is_stored;

  if (!can_defer (self, text, packed)
      && (!announce (&preparation, error) || !start_preparation (&preparation, error)))
    return FALSE;
  is_stored = runconf_store_replace (self->store, text, self->stamp, packed, prepare_exchange,
                                     &preparation, stamp, error);
  if (preparation.is_prepared)
    join_preparation (&preparation, NULL);

  if (is_stored && preparation.is_prepared)
    runconfd_archive_confirm (self->archive);
  else if (is_stored)
    owe_records (self, *stamp, good_text);
  else if (preparation.is_prepared)
    runconfd_archive_abandon (self->archive);
  self->is_written = is_stored && !is_boot (self);
  self->is_deferred = is_stored && !preparation.is_prepared;

  return is_stored;
}

static gboolean
replace_text (RunconfdCommit *self, GError **error)
{
  const RunconfMetadata metadata = {
    .version = self->revision->version,
    .last_modified = self->revision->time,
    .default_config_path = self->default_path,
  };
  g_autoptr (RunconfNode) root
      = runconf_metadata_add (&metadata, runconf_revision_get_tree (self->revision, self->layer));
  g_autoptr (RunconfDocument) document = write_document (self, root, error);
  g_autoptr (GBytes) stamp = NULL;

  if (document == NULL || !store_text (self, document, &stamp, error))
    return FALSE;
  if (is_boot (self))
    runconf_state_record_version (self->state, metadata.version, &self->warning);

  g_clear_pointer (&self->document, runconf_document_unref);
  self->document = g_steal_pointer (&document);
  g_clear_pointer (&self->stamp, g_bytes_unref);
  self->stamp = g_steal_pointer (&stamp);

  return TRUE;
}

/* The defaults are never written, even if a symbolic link to them is made while the service runs.
 */
static gboolean
check_is_other_file (RunconfdCommit *self, GError **error)
{
  RunconfSignature defaults, overrides;
  g_autofree char *shown = g_filename_display_name (self->runtime_path);

  runconf_signature_take (&defaults, self->default_path);
  runconf_signature_take (&overrides, self->runtime_path);
  if (defaults.failure != 0 || overrides.failure != 0 || defaults.device != overrides.device
      || defaults.inode != overrides.inode)
    return TRUE;

  g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED,
               "%s: it is the file of the defaults, which are never written: the overrides need a "
               "file of their own",
               shown);

  return FALSE;
}

/* The text of an edit by hand has no version of its own: its version has to be in the state before
 * it is announced. An error here doesn't undo the change, which is on the disk. The history has it
 * first: a start can find the version by the digest of the text there.
 */
static void
record_found (RunconfdCommit *self)
{
  GBytes *text = self->document != NULL ? runconf_document_get_text (self->document) : NULL;

  prepare_records (self, self->document);
  if (self->keeps_text || is_boot (self))
    runconf_state_record_version (self->state, self->revision->version, &self->warning);
  else
    runconf_state_record (self->state, self->revision->version, text, TRUE, &self->warning);
  runconfd_archive_confirm (self->archive);
}

/**
 * runconfd_commit_run:
 *
 * Keeps a broken text aside, then writes the new text; or records the version of a text that is in
 * the store already. After success, runconfd_commit_settle() has to follow.
 *
 * Returns: %FALSE with an error of the store, of a file, or %RUNCONF_ERROR_TOO_LARGE; the store
 *   then has the old text
 */
gboolean
runconfd_commit_run (RunconfdCommit *self, GError **error)
{
  if (!prepare_folders (self, error))
    return FALSE;
  if (self->tries_history)
    runconfd_archive_retry (self->archive);

  if (self->keeps_text)
    {
      record_found (self);
      return TRUE;
    }

  if (self->broken != NULL)
    {
      self->kept = runconf_quarantine_keep (self->runtime_path, RUNCONF_QUARANTINE_CORRUPT,
                                            self->broken, error);
      if (self->kept == NULL)
        return FALSE;
    }

  if (!self->replace)
    record_found (self);
  else if (!check_is_other_file (self, error) || !replace_text (self, error))
    return FALSE;

  return TRUE;
}

/**
 * runconfd_commit_settle:
 *
 * Does the work that can wait until the callers have their replies. Until then the journal or the state
 * knows the replaced text and the new one, so that a start after a kill takes neither for an edit by hand.
 *
 * Returns: %FALSE with an error that harms nothing
 */
gboolean
runconfd_commit_settle (RunconfdCommit *self, GError **error)
{
  runconfd_archive_settle (self->archive);
  if (!self->replace)
    return TRUE;

  runconf_store_settle (self->store);
  if (is_boot (self))
    return TRUE;

  runconf_state_note (self->state, self->revision->version,
                      runconf_document_get_text (self->document));
  if (self->is_deferred && !runconf_store_wants_sync (self->store))
    return TRUE;

  if (!runconfd_commit_sync (self->store, self->state, self->archive, error))
    return FALSE;

  self->is_deferred = FALSE;
  return TRUE;
}

/**
 * runconfd_commit_sync:
 *
 * Syncs a text that is in the journal, and its history, records its version, and clears the journal.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED; the text is still in the journal then
 */
gboolean
runconfd_commit_sync (RunconfStore *store, RunconfState *state, RunconfdArchive *archive,
                      GError **error)
{
  if (!runconf_store_sync (store, error) || !runconf_state_flush (state, error))
    return FALSE;

  if (runconf_store_has_entries (store))
    {
      runconfd_archive_sync (archive);
      runconf_store_clear_journal (store);
    }

  return TRUE;
}
