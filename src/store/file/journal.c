/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/file/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "core/hash.h"
#include "store/fd.h"

/* The bytes of the file are on the disk before it is used: an entry is written in place, and the sync of its
 * data doesn't change the size of the file, nor its blocks. So fdatasync() writes the entry, and nothing else.
 *
 * An entry may take a quarter of the file. Most changes are small, so a file is large only after a change that
 * needed it.
 *
 * Each entry begins in a block of its own: a power cut during a write can't damage an entry that is on the
 * disk. It has a header, with a checksum of the rest, and a number, which is one higher than that of the
 * entry before. The first block without an entry that continues the numbers is the end. A clear journal has
 * zeros, so it doesn't keep a secret of a text longer than necessary; this isn't synced, since an old
 * entry does no harm, see recovery.c.
 */
#define USUAL_BYTES (128 * 1024)
#define LARGE_BYTES (4 * RUNCONF_JOURNAL_MAX_ENTRY)
#define BLOCK_BYTES 4096

static const char magic[8] = "RCJOURN";

typedef struct
{
  char magic[sizeof magic];
  guint64 number;
  guint64 length; /* of the body */
  guint64 checksum[2];
} Header;

/* old inode, mtime and digest; new inode and mtime; text; attachment */
#define BODY_TYPE G_VARIANT_TYPE ("((tx)ay(tx)ayay)")

struct _RunconfJournal
{
  int fd;
  gsize size;   /* of the file: USUAL_BYTES or LARGE_BYTES */
  dev_t device; /* of the open file */
  ino_t inode;
  char *name;
  guint64 next_number;
  gsize start; /* of the last entry */
  gsize end;   /* of all entries; after runconf_journal_list() of all that isn't zero */
};

void
runconf_journal_entry_free (RunconfJournalEntry *self)
{
  g_bytes_unref (self->old_digest);
  g_bytes_unref (self->text);
  g_bytes_unref (self->attachment);
  g_free (self);
}

/**
 * runconf_journal_is_supported:
 * @directory: file descriptor of a directory
 *
 * Returns: whether a power cut leaves there either the old file, or the new one under its inode: the
 *   file systems for which this holds are listed
 */
gboolean
runconf_journal_is_supported (int directory)
{
  struct statfs status;

  if (fstatfs (directory, &status) < 0)
    return FALSE;

  return status.f_type == EXT4_SUPER_MAGIC || status.f_type == TMPFS_MAGIC;
}

static RunconfJournal *
journal_new (int fd, gsize size, const char *name)
{
  RunconfJournal *self = g_new0 (RunconfJournal, 1);
  struct stat status;

  if (fstat (fd, &status) == 0)
    {
      self->device = status.st_dev;
      self->inode = status.st_ino;
    }
  self->fd = fd;
  self->size = size;
  self->name = g_strdup (name);
  /* higher than each number of an earlier process */
  self->next_number = (guint64) g_get_real_time ();

  return self;
}

void
runconf_journal_free (RunconfJournal *self)
{
  runconf_fd_clear (&self->fd);
  g_free (self->name);
  g_free (self);
}

static gboolean
write_at (RunconfJournal *self, gconstpointer data, gsize size, gsize offset)
{
  while (size > 0)
    {
      ssize_t n = pwrite (self->fd, data, size, (off_t) offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      data = (const char *) data + n;
      size -= (gsize) n;
      offset += (gsize) n;
    }

  return TRUE;
}

static gboolean
write_zeros (RunconfJournal *self, gsize start, gsize end)
{
  g_autofree char *zeros = g_malloc0 (end - start);

  return write_at (self, zeros, end - start, start);
}

static int
open_file (int directory, const char *name, int flags)
{
  return openat (directory, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags,
                 0600);
}

/* Returns: the size of a journal, 0 if the file isn't one */
static gsize
get_size (int fd)
{
  struct stat status;

  if (fstat (fd, &status) < 0 || !S_ISREG (status.st_mode)
      || (status.st_size != USUAL_BYTES && status.st_size != LARGE_BYTES))
    return 0;

  return (gsize) status.st_size;
}

static gsize
get_max_entry (gsize journal_size)
{
  return journal_size / 4;
}

/* Returns: the size of a journal for entries of @entry_size bytes */
static gsize
choose_size (gsize entry_size)
{
  return entry_size > get_max_entry (USUAL_BYTES) && entry_size <= RUNCONF_JOURNAL_MAX_ENTRY
             ? LARGE_BYTES
             : USUAL_BYTES;
}

/**
 * runconf_journal_create:
 * @directory: file descriptor of the directory
 * @name: the file, which needn't exist
 * @entry_size: of the text and the attachment of an entry, for which there will be room if it is at most
 *   %RUNCONF_JOURNAL_MAX_ENTRY
 *
 * Opens a journal to write to it. Its entries aren't needed any more.
 *
 * Returns: (transfer full) (nullable): the journal, whose file is on the disk; %NULL with errno
 */
RunconfJournal *
runconf_journal_create (int directory, const char *name, gsize entry_size)
{
  autofd int fd = open_file (directory, name, O_CREAT);
  g_autoptr (RunconfJournal) self = NULL;
  gsize size, old_size;

  if (fd < 0)
    return NULL;

  old_size = get_size (fd);
  size = MAX (old_size, choose_size (entry_size));
  self = journal_new (g_steal_fd (&fd), size, name);
  if ((old_size == 0 && ftruncate (self->fd, 0) < 0) || !write_zeros (self, 0, size)
      || fsync (self->fd) < 0 || fsync (directory) < 0)
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * runconf_journal_open:
 *
 * Opens a journal to list its entries.
 *
 * Returns: (transfer full) (nullable): the journal; %NULL if there is none
 */
RunconfJournal *
runconf_journal_open (int directory, const char *name)
{
  autofd int fd = open_file (directory, name, 0);
  gsize size = fd >= 0 ? get_size (fd) : 0;

  return size > 0 ? journal_new (g_steal_fd (&fd), size, name) : NULL;
}

/* Tells an entry from one that a power cut tore. A cryptographic checksum takes thirty instructions for a byte;
 * nobody but this service writes the file, nor knows the number, which is the seed.
 */
static void
compute_checksum (guint64 number, gconstpointer body, gsize length, guint64 *checksum)
{
  checksum[0] = runconf_hash (body, length, number);
  checksum[1] = runconf_hash (body, length, ~number);
}

static GBytes *
dup_bytes (GVariant *body, gsize index)
{
  g_autoptr (GVariant) child = g_variant_get_child_value (body, index);

  return g_variant_get_data_as_bytes (child);
}

/* Returns: (transfer full) (nullable): the entry; %NULL if the body isn't one */
static RunconfJournalEntry *
parse_body (GBytes *bytes)
{
  g_autoptr (GVariant) body
      = g_variant_ref_sink (g_variant_new_from_bytes (BODY_TYPE, bytes, FALSE));
  RunconfJournalEntry *self;

  if (!g_variant_is_normal_form (body))
    return NULL;

  self = g_new0 (RunconfJournalEntry, 1);
  g_variant_get_child (body, 0, "(tx)", &self->old.inode, &self->old.mtime);
  self->old_digest = dup_bytes (body, 1);
  g_variant_get_child (body, 2, "(tx)", &self->new.inode, &self->new.mtime);
  self->text = dup_bytes (body, 3);
  self->attachment = dup_bytes (body, 4);

  return self;
}

static gsize
round_up (gsize size)
{
  return (size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
}

/* Returns: (transfer full) (nullable): the entry that begins at *@offset, which is moved behind it */
static RunconfJournalEntry *
parse_entry (const char *content, gsize size, gsize *offset, guint64 *number)
{
  gsize room = size - *offset;
  guint64 checksum[2];
  g_autoptr (GBytes) body = NULL;
  Header header;

  if (room < sizeof header)
    return NULL;
  memcpy (&header, content + *offset, sizeof header);
  if (memcmp (header.magic, magic, sizeof magic) != 0 || header.length > room - sizeof header
      || (*number != 0 && header.number != *number + 1))
    return NULL;

  body = g_bytes_new (content + *offset + sizeof header, header.length);
  compute_checksum (header.number, g_bytes_get_data (body, NULL), header.length, checksum);
  if (memcmp (checksum, header.checksum, sizeof checksum) != 0)
    return NULL;

  *number = header.number;
  *offset += round_up (sizeof header + header.length);
  return parse_body (body);
}

static gsize
find_end (const char *content, gsize size)
{
  gsize end = size;

  while (end > 0 && content[end - 1] == '\0')
    end--;

  return end;
}

/**
 * runconf_journal_list:
 *
 * Returns: (transfer full) (element-type RunconfJournalEntry): the entries, oldest first
 */
GPtrArray *
runconf_journal_list (RunconfJournal *self)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_journal_entry_free);
  g_autofree char *content = g_malloc (self->size);
  RunconfJournalEntry *entry;
  guint64 number = 0;
  gsize offset = 0;

  if (pread (self->fd, content, self->size, 0) != (ssize_t) self->size)
    return entries;

  self->end = find_end (content, self->size);
  while ((entry = parse_entry (content, self->size, &offset, &number)) != NULL)
    g_ptr_array_add (entries, entry);

  return entries;
}

/**
 * runconf_journal_is_named:
 * @directory: the directory of the text, which may be another one by now
 *
 * Returns: whether the next start will find the file
 */
gboolean
runconf_journal_is_named (RunconfJournal *self, int directory)
{
  struct stat named;

  return fstatat (directory, self->name, &named, AT_SYMLINK_NOFOLLOW) == 0
         && named.st_dev == self->device && named.st_ino == self->inode;
}

gboolean
runconf_journal_is_clear (RunconfJournal *self)
{
  return self->end == 0;
}

/**
 * runconf_journal_is_large_enough:
 * @entry_size: as for runconf_journal_create()
 *
 * Returns: whether a journal that is created for such entries isn't larger
 */
gboolean
runconf_journal_is_large_enough (RunconfJournal *self, gsize entry_size)
{
  return choose_size (entry_size) <= self->size;
}

/**
 * runconf_journal_is_filling:
 *
 * Returns: whether there may be no room for the next entry but one
 */
gboolean
runconf_journal_is_filling (RunconfJournal *self)
{
  return self->end > self->size - 2 * round_up (get_max_entry (self->size));
}

/* what an entry takes besides its text and its attachment */
#define MAX_OVERHEAD 512

/**
 * runconf_journal_has_room:
 * @size: of the text and the attachment of an entry
 *
 * Returns: whether the entry isn't too large, and fits behind the others
 */
gboolean
runconf_journal_has_room (RunconfJournal *self, gsize size)
{
  return size <= get_max_entry (self->size)
         && round_up (MAX_OVERHEAD + size) <= self->size - self->end;
}

static GVariant *
make_bytes (GBytes *bytes)
{
  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static GBytes *
format_entry (RunconfJournal *self, const RunconfJournalEntry *entry)
{
  g_autoptr (GVariant) body = g_variant_ref_sink (
      g_variant_new ("((tx)@ay(tx)@ay@ay)", entry->old.inode, entry->old.mtime,
                     make_bytes (entry->old_digest), entry->new.inode, entry->new.mtime,
                     make_bytes (entry->text), make_bytes (entry->attachment)));
  Header header = { .number = self->next_number, .length = g_variant_get_size (body) };
  GByteArray *content = g_byte_array_sized_new ((guint) (sizeof header + header.length));

  memcpy (header.magic, magic, sizeof magic);
  compute_checksum (header.number, g_variant_get_data (body), header.length, header.checksum);
  g_byte_array_append (content, (const guint8 *) &header, sizeof header);
  g_byte_array_append (content, g_variant_get_data (body), (guint) header.length);

  return g_byte_array_free_to_bytes (content);
}

/**
 * runconf_journal_add:
 * @entry: there has to be room for it
 *
 * Returns: whether the entry is on the disk; if not, errno is set
 */
gboolean
runconf_journal_add (RunconfJournal *self, const RunconfJournalEntry *entry)
{
  g_autoptr (GBytes) content = format_entry (self, entry);
  gsize size = g_bytes_get_size (content);

  g_return_val_if_fail (size <= self->size - self->end, FALSE);

  self->start = self->end;
  self->end += round_up (size);
  self->next_number++;

  return write_at (self, g_bytes_get_data (content, NULL), size, self->start)
         && fdatasync (self->fd) == 0;
}

/**
 * runconf_journal_revoke:
 *
 * Takes back the last entry: its text didn't replace the old one.
 *
 * Returns: whether the disk doesn't have it any more
 */
gboolean
runconf_journal_revoke (RunconfJournal *self)
{
  gsize end = self->end;

  self->end = self->start;
  self->next_number--;

  return write_zeros (self, self->start, end) && fdatasync (self->fd) == 0;
}

/**
 * runconf_journal_clear:
 *
 * Drops all entries. To be called when the last text and all attachments are on the disk elsewhere.
 *
 * Returns: %FALSE with errno
 */
gboolean
runconf_journal_clear (RunconfJournal *self)
{
  gsize end = self->end;

  self->start = self->end = 0;

  return write_zeros (self, 0, end);
}

/**
 * runconf_journal_entry_is_torn:
 * @file: the file that has the name of the text after a power cut
 * @content: its content
 *
 * Returns: whether @content is that of the new file, or a part of it: a file system may have kept the
 *   name of the file, and not all of its blocks. A file that was written since has a later time.
 */
gboolean
runconf_journal_entry_is_torn (const RunconfJournalEntry *self, const RunconfJournalFile *file,
                               GBytes *content)
{
  gsize size, text_size;
  const char *data = g_bytes_get_data (content, &size);
  const char *text = g_bytes_get_data (self->text, &text_size);

  if (file->inode != self->new.inode || file->mtime > self->new.mtime || size > text_size)
    return FALSE;

  for (gsize i = 0; i < size; i++)
    if (data[i] != text[i] && data[i] != '\0')
      return FALSE;

  return TRUE;
}
