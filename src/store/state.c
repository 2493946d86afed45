/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/digest.h"
#include "store/failure.h"
#include "store/fd.h"

/* The file has five lines of fixed width:
 *
 *   runconf-state 1
 *   recorded 00000000000000000042 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
 *   announced 00000000000000000043 fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9
 *   checksum 5e1f... (of all that precedes it)
 *   sealed 00000000000000024576 01764400000123456789 9c2a... (a checksum, too; zeros without a seal)
 *
 * The last line has the size and the time of the history when it was closed, if a start doesn't
 * need it; see runconf_state_seal(). Without this line, or with another history, a start opens it.
 * Files of an earlier format lack the line.
 *
 * It is written in place by one pwrite() within one page and one sector: the page cache has the old
 * lines or the new ones, whenever the process is killed. A write is announced before the text is
 * replaced and recorded after it, so after a kill in between, the text in the file shows which of
 * the two versions it is. Neither is synced: the text on the disk contains its version, and a start
 * uses the greater one. The text of a hand edit has none, so its version is recorded durably.
 *
 * The texts in the journal are neither announced nor recorded one by one: the last of them is noted, and
 * recorded when the journal is cleared. After a kill, a start finds them there, and catches up.
 */

#define HEADER "runconf-state 1\n"
#define HEX_DIGITS (2 * RUNCONF_DIGEST_BYTES)
#define VERSION_DIGITS 20
#define CHECKSUM "checksum "
#define SEALED "sealed %020" G_GUINT64_FORMAT " %020" G_GUINT64_FORMAT " "
#define MAX_STATE_BYTES 511

/* the digest of a missing text, and the checksum of a missing seal */
#define NO_TEXT "0000000000000000000000000000000000000000000000000000000000000000"

G_STATIC_ASSERT (sizeof NO_TEXT == HEX_DIGITS + 1);

typedef struct
{
  guint64 version;
  char digest[HEX_DIGITS + 1];
} Entry;

/* A file of the history, in bytes and in ns since the epoch; both are 0 for none. */
typedef struct
{
  guint64 size;
  guint64 time;
} Seal;

struct _RunconfState
{
  GMutex lock;
  char *path;
  int fd;       /* -1 while there is no file */
  dev_t device; /* of the open file */
  ino_t inode;
  gboolean is_read_only; /* it couldn't be opened for writing */

  gboolean is_intact;
  Entry recorded;
  gboolean has_announced;
  Entry announced;
  GBytes *announced_text; /* its digest needn't be computed again for recording */
  GBytes *noted_text;     /* it is to be recorded, or NULL */
  guint64 noted_version;
  Seal seal;

  gboolean is_written; /* the file has these values */
  gboolean is_dirty;   /* the file isn't synced */
  gboolean is_unnamed; /* its directory isn't synced */
};

static void
fail (RunconfState *self, GError **error, const char *what)
{
  runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, self->path, errno, what);
}

static void
entry_init (Entry *entry, guint64 version, GBytes *text)
{
  g_autofree char *digest = NULL;

  if (text != NULL)
    digest = g_compute_checksum_for_bytes (RUNCONF_DIGEST_CHECKSUM, text);

  entry->version = version;
  g_strlcpy (entry->digest, digest != NULL ? digest : NO_TEXT, sizeof entry->digest);
}

/* Returns: (transfer full): the lines that hold the versions */
static char *
format_versions (RunconfState *self)
{
  /* if nothing is announced, the recorded entry is written twice, so that the width is the same */
  const Entry *announced = self->has_announced ? &self->announced : &self->recorded;
  g_autofree char *body = g_strdup_printf (
      HEADER "recorded %020" G_GUINT64_FORMAT " %s\nannounced %020" G_GUINT64_FORMAT " %s\n",
      self->recorded.version, self->recorded.digest, announced->version, announced->digest);
  g_autofree char *checksum = g_compute_checksum_for_string (RUNCONF_DIGEST_CHECKSUM, body, -1);

  return g_strconcat (body, CHECKSUM, checksum, "\n", NULL);
}

static char *
format_state (RunconfState *self)
{
  g_autofree char *versions = format_versions (self);
  g_autofree char *body = g_strdup_printf ("%s" SEALED, versions, self->seal.size, self->seal.time);
  g_autofree char *checksum = NULL;

  if (self->seal.size != 0)
    checksum = g_compute_checksum_for_string (RUNCONF_DIGEST_CHECKSUM, body, -1);

  return g_strconcat (body, checksum != NULL ? checksum : NO_TEXT, "\n", NULL);
}

static gboolean
parse_entry (const char **at, const char *word, Entry *entry)
{
  g_autofree char *number = NULL;

  if (!g_str_has_prefix (*at, word))
    return FALSE;
  *at += strlen (word);

  if (strlen (*at) < VERSION_DIGITS + 1 + HEX_DIGITS + 1)
    return FALSE;
  number = g_strndup (*at, VERSION_DIGITS);
  if (!g_ascii_string_to_unsigned (number, 10, 0, G_MAXUINT64, &entry->version, NULL))
    return FALSE;
  *at += VERSION_DIGITS + 1;

  g_strlcpy (entry->digest, *at, sizeof entry->digest);
  *at += HEX_DIGITS + 1;
  return TRUE;
}

/* A seal that is damaged or missing does no harm. */
static void
parse_seal (RunconfState *self, const char *content, const char *line)
{
  g_autofree char *again = NULL;

  if (sscanf (line, "sealed %20" G_GUINT64_FORMAT " %20" G_GUINT64_FORMAT, &self->seal.size,
              &self->seal.time)
      == 2)
    again = format_state (self);
  if (g_strcmp0 (content, again) != 0)
    self->seal = (Seal){ 0 };
}

/* The checksums are compared by formatting the parsed values: only the exact bytes are accepted. */
static void
parse_state (RunconfState *self, const char *content)
{
  const char *at = content;
  g_autofree char *again = NULL;

  if (!g_str_has_prefix (at, HEADER))
    return;
  at += strlen (HEADER);
  if (!parse_entry (&at, "recorded ", &self->recorded)
      || !parse_entry (&at, "announced ", &self->announced))
    return;

  self->has_announced = TRUE;
  again = format_versions (self);
  self->is_intact = g_str_has_prefix (content, again);
  self->is_written = self->is_intact;
  if (self->is_intact)
    parse_seal (self, content, content + strlen (again));
}

/* An open file stays the same one, so each write compares it with the file of that name at the cost of
 * one system call.
 */
static void
identify (RunconfState *self)
{
  struct stat status;

  if (self->fd < 0 || fstat (self->fd, &status) < 0)
    status = (struct stat){ 0 };
  self->device = status.st_dev;
  self->inode = status.st_ino;
}

/**
 * runconf_state_open:
 * @path: the file; it is created when there is something to write
 * @error: return location
 *
 * Opens the state. A damaged file is no error here: runconf_state_recall() reports it.
 *
 * Returns: (transfer full) (nullable): the state; %NULL with %RUNCONF_STORE_ERROR_FAILED
 */
RunconfState *
runconf_state_open (const char *path, GError **error)
{
  g_autoptr (RunconfState) self = g_new0 (RunconfState, 1);
  char content[MAX_STATE_BYTES + 1];
  ssize_t size;

  g_mutex_init (&self->lock);
  self->path = g_strdup (path);
  self->fd = open (path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (self->fd < 0 && (errno == EROFS || errno == EACCES))
    {
      self->fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
      self->is_read_only = TRUE;
    }
  if (self->fd < 0 && errno == ENOENT)
    return g_steal_pointer (&self);

  identify (self);
  size = self->fd < 0 ? -1 : pread (self->fd, content, MAX_STATE_BYTES, 0);
  if (size < 0)
    {
      fail (self, error, "can't read the state");
      return NULL;
    }

  content[size] = '\0';
  parse_state (self, content);
  return g_steal_pointer (&self);
}

void
runconf_state_free (RunconfState *self)
{
  runconf_fd_clear (&self->fd);
  g_clear_pointer (&self->announced_text, g_bytes_unref);
  g_clear_pointer (&self->noted_text, g_bytes_unref);
  g_mutex_clear (&self->lock);
  g_free (self->path);
  g_free (self);
}

/**
 * runconf_state_recall:
 * @text: (nullable): the text that was found, %NULL if there is none
 * @version: (out): the version of the text; if that isn't known, the last one that was recorded
 * @same_text: (out): whether @text is the one of @version; if not, another program changed it
 *
 * Finds the version of a text, also after a kill in the middle of a commit.
 *
 * After a power cut the state may be older than the text, which has its own number in it then: the
 * greater one holds.
 *
 * Returns: %FALSE if the state is lost or damaged, with 0 and %FALSE in @version and @same_text
 */
gboolean
runconf_state_recall (RunconfState *self, GBytes *text, guint64 *version, gboolean *same_text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Entry entry;

  *version = 0;
  *same_text = FALSE;
  if (!self->is_intact)
    return FALSE;

  entry_init (&entry, 0, text);
  *version = self->recorded.version;
  *same_text = g_str_equal (entry.digest, self->recorded.digest);
  if (!*same_text && self->has_announced && g_str_equal (entry.digest, self->announced.digest))
    {
      *version = self->announced.version;
      *same_text = TRUE;
    }

  return TRUE;
}

/**
 * runconf_state_knows:
 *
 * Returns: whether @text is the one that was recorded last or the one that was announced since
 */
gboolean
runconf_state_knows (RunconfState *self, GBytes *text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Entry entry;

  if (!self->is_intact)
    return FALSE;

  entry_init (&entry, 0, text);

  return g_str_equal (entry.digest, self->recorded.digest)
         || (self->has_announced && g_str_equal (entry.digest, self->announced.digest));
}

/**
 * runconf_state_is_settled:
 * @text: (nullable): the content of the file
 *
 * Returns: whether @text is the one that was recorded last, and no other text was announced since
 */
gboolean
runconf_state_is_settled (RunconfState *self, GBytes *text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Entry entry;

  if (!self->is_intact)
    return FALSE;

  entry_init (&entry, 0, text);

  return g_str_equal (entry.digest, self->recorded.digest)
         && (!self->has_announced || g_str_equal (entry.digest, self->announced.digest));
}

/**
 * runconf_state_is_pending:
 * @text: (nullable): the content of the file
 *
 * Returns: whether another text was announced and isn't in the file
 */
gboolean
runconf_state_is_pending (RunconfState *self, GBytes *text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Entry entry;

  if (!self->is_intact || !self->has_announced
      || g_str_equal (self->announced.digest, self->recorded.digest))
    return FALSE;

  entry_init (&entry, 0, text);

  return g_str_equal (entry.digest, self->recorded.digest);
}

static gboolean
entry_equal (const Entry *a, const Entry *b)
{
  return a->version == b->version && g_str_equal (a->digest, b->digest);
}

/* The file may have been removed, and its folder replaced by another one or covered by a mount. */
static gboolean
has_name (RunconfState *self)
{
  struct stat named;

  return self->fd >= 0 && lstat (self->path, &named) == 0 && named.st_dev == self->device
         && named.st_ino == self->inode;
}

/* Returns: whether the file exists and already has these values */
static gboolean
says_already (RunconfState *self, const Entry *recorded)
{
  return self->is_written && entry_equal (&self->recorded, recorded)
         && (!self->has_announced || entry_equal (&self->announced, recorded)) && has_name (self);
}

/* Opens the file for writing, or creates it, unless it is open for writing already. A file system
 * that was read-only at the start can be writable by now.
 */
static gboolean
open_for_writing (RunconfState *self)
{
  gboolean is_named = has_name (self);
  int fd;

  if (is_named && !self->is_read_only)
    return TRUE;

  fd = open (self->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
  if (fd < 0)
    return FALSE;

  runconf_fd_clear (&self->fd);
  self->fd = fd;
  identify (self);
  self->is_read_only = FALSE;
  self->is_unnamed = !is_named;
  return TRUE;
}

static gboolean
write_state (RunconfState *self, GError **error)
{
  g_autofree char *content = format_state (self);
  gsize length = strlen (content);
  ssize_t written;

  g_assert (length <= MAX_STATE_BYTES);

  self->is_written = FALSE;
  if (!open_for_writing (self))
    {
      fail (self, error, "can't create the state");
      return FALSE;
    }

  do
    written = pwrite (self->fd, content, length, 0);
  while (written < 0 && errno == EINTR);

  if (written >= 0 && (gsize) written < length)
    errno = ENOSPC;
  if (written < 0 || (gsize) written < length)
    {
      fail (self, error, "can't write the state");
      return FALSE;
    }

  self->is_intact = TRUE;
  self->is_written = TRUE;
  self->is_dirty = TRUE;
  return TRUE;
}

static void
set_recorded (RunconfState *self, const Entry *recorded)
{
  self->recorded = *recorded;
  self->has_announced = FALSE;
  self->seal = (Seal){ 0 };
  g_clear_pointer (&self->announced_text, g_bytes_unref);
}

/* Makes an entry, without computing a digest once more. */
static void
make_recorded (RunconfState *self, Entry *entry, guint64 version, GBytes *text)
{
  if (text != NULL && text == self->announced_text)
    {
      *entry = self->announced;
      entry->version = version;
    }
  else
    entry_init (entry, version, text);
}

/* To be called before something newer is written. */
static void
take_noted (RunconfState *self)
{
  Entry noted;

  if (self->noted_text == NULL)
    return;

  make_recorded (self, &noted, self->noted_version, self->noted_text);
  set_recorded (self, &noted);
  self->is_intact = TRUE;
  g_clear_pointer (&self->noted_text, g_bytes_unref);
}

/**
 * runconf_state_note:
 * @version: the version that is committed
 * @text: its text, which the journal has
 *
 * Has the version recorded at the next write, or by runconf_state_flush().
 */
void
runconf_state_note (RunconfState *self, guint64 version, GBytes *text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_clear_pointer (&self->noted_text, g_bytes_unref);
  self->noted_text = g_bytes_ref (text);
  self->noted_version = version;
  self->is_written = FALSE;
}

/**
 * runconf_state_flush:
 * @error: return location
 *
 * Records the version that was noted last, unless it is recorded. To be called before the journal is
 * cleared. Nothing is synced.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_state_flush (RunconfState *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->noted_text == NULL)
    return TRUE;

  take_noted (self);

  return write_state (self, error);
}

/**
 * runconf_state_catch_up:
 * @version: a version whose text was found in the journal
 * @text: the text
 *
 * Makes the state at a start the one that it would be if each text of the journal had been announced,
 * and all but the last one recorded. To be called for each of them, in their order. A state that is lost
 * stays lost. Nothing is synced, and an error is ignored: the process has the right state then.
 */
void
runconf_state_catch_up (RunconfState *self, guint64 version, GBytes *text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GError) error = NULL;

  if (!self->is_intact || version <= self->recorded.version
      || (self->has_announced && version < self->announced.version))
    return;

  if (self->has_announced && self->announced.version > self->recorded.version
      && self->announced.version < version)
    self->recorded = self->announced;
  entry_init (&self->announced, version, text);
  self->has_announced = TRUE;
  self->seal = (Seal){ 0 };
  if (!write_state (self, &error))
    g_debug ("%s", error->message);
}

/**
 * runconf_state_announce:
 * @version: the version that is about to be committed
 * @text: its text
 * @error: return location
 *
 * Announces a commit, so that no version is lost if the process is killed between the commit and
 * runconf_state_record(). Nothing is synced.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_state_announce (RunconfState *self, guint64 version, GBytes *text, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  take_noted (self);
  g_clear_pointer (&self->announced_text, g_bytes_unref);
  entry_init (&self->announced, version, text);
  self->has_announced = TRUE;
  self->seal = (Seal){ 0 };
  if (!self->is_intact)
    entry_init (&self->recorded, 0, NULL);

  if (!write_state (self, error))
    return FALSE;

  self->announced_text = g_bytes_ref (text);
  return TRUE;
}

static gboolean
sync_directory (RunconfState *self)
{
  g_autofree char *path = g_path_get_dirname (self->path);
  autofd int directory = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  return directory >= 0 && (fsync (directory) == 0 || errno == EINVAL);
}

/* Writes the state to the disk, if it isn't there yet. */
static gboolean
sync_state (RunconfState *self, GError **error)
{
  if (self->is_dirty && fdatasync (self->fd) < 0)
    {
      fail (self, error, "can't sync the state to the disk");
      return FALSE;
    }
  self->is_dirty = FALSE;

  if (self->is_unnamed && !sync_directory (self))
    {
      fail (self, error, "can't sync the directory of the state to the disk");
      return FALSE;
    }
  self->is_unnamed = FALSE;

  return TRUE;
}

/**
 * runconf_state_record:
 * @version: the version that is committed
 * @text: (nullable): its text, %NULL if there is none
 * @durable: whether it must be on the disk when this returns
 * @error: return location
 *
 * If the file has these values already, it is neither written nor synced. If the process that wrote
 * them ended before they were on the disk, and a power cut follows, the text is found to be new
 * once more, and gets the same version.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_state_record (RunconfState *self, guint64 version, GBytes *text, gboolean durable,
                      GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Entry recorded;

  take_noted (self);
  make_recorded (self, &recorded, version, text);
  if (!says_already (self, &recorded))
    {
      set_recorded (self, &recorded);
      if (!write_state (self, error))
        return FALSE;
    }

  return !durable || sync_state (self, error);
}

/**
 * runconf_state_record_version:
 * @version: a version that was made without a change of the text
 * @error: return location
 *
 * Records, on the disk, that the text that was recorded last now has this version.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_state_record_version (RunconfState *self, guint64 version, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  take_noted (self);
  if (!self->is_intact)
    entry_init (&self->recorded, version, NULL);
  self->recorded.version = version;
  self->seal = (Seal){ 0 };

  return write_state (self, error) && sync_state (self, error);
}

static gboolean
take_seal (const char *history, Seal *seal)
{
  struct stat status;

  if (lstat (history, &status) < 0)
    return FALSE;

  seal->size = status.st_size;
  seal->time = status.st_mtim.tv_sec * G_GUINT64_CONSTANT (1000000000) + status.st_mtim.tv_nsec;

  return TRUE;
}

/**
 * runconf_state_seal:
 * @history: the file of a history that was closed, in which no change waits for a confirmation
 * @newest: the newest version in it
 *
 * Records that a start doesn't need the history, unless it is newer than the state. The state has
 * this until another version is recorded. Nothing is synced, and an error is ignored: without a
 * seal, or if the history is no longer the file that was sealed, a start opens it.
 */
void
runconf_state_seal (RunconfState *self, const char *history, guint64 newest)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GError) error = NULL;
  Seal seal = { 0 };

  if (!self->is_written || self->is_read_only || newest > self->recorded.version || !has_name (self)
      || !take_seal (history, &seal)
      || (seal.size == self->seal.size && seal.time == self->seal.time))
    return;

  self->seal = seal;
  if (!write_state (self, &error))
    g_debug ("%s", error->message);
}

/**
 * runconf_state_is_sealed:
 *
 * Returns: whether a start doesn't need the file @history, which may be missing
 */
gboolean
runconf_state_is_sealed (RunconfState *self, const char *history)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autofree char *log = g_strconcat (history, "-wal", NULL);
  struct stat status;
  Seal seal;

  if (!take_seal (history, &seal))
    return errno == ENOENT;

  return self->seal.size == seal.size && self->seal.time == seal.time && lstat (log, &status) < 0;
}
