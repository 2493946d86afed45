/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/file/replacement.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "store/digest.h"
#include "store/failure.h"
#include "store/fd.h"
#include "store/file/attributes.h"
#include "store/file/temp-file.h"
#include "store/file/text-file.h"

/* How a text is replaced
 *
 * The new text is written to a temporary file and synced. Then the names of the two files are
 * exchanged, which is atomic for all readers. Only then is it certain which text was replaced: it
 * has the temporary name. If it isn't the text that the change was made from, another program saved
 * in between, and the names are exchanged back. So no save is overwritten unread, however close the
 * race, and the file is never missing and never incomplete.
 *
 * While the names are exchanged back, another program can save again. The file that this exchange
 * moves out is then put back in turn, until the newest text has the name; an older one that may not
 * have been read yet is kept as NAME.lost-TIME. A file is never unlinked unless this process knows
 * its text.
 *
 * A new text that is in the journal is written to a file without a name, which gets the temporary name
 * after that: whatever the journal doesn't have is nowhere if the process ends.
 *
 * The old file keeps its temporary name until the directory is synced, so that a failed sync can
 * still be undone. When the replacement is freed, after waiting callers got their reply, the old
 * file is passed to the grace, which unlinks it: that takes about as long as a sync. It needs no
 * sync of its own: if the old file is there again after a power cut, the next start finds it. The
 * new file is passed to the grace too if it had the name and lost it again.
 */

#define MAX_ROUNDS 16

/* Identifies a file, also under another name. */
typedef struct
{
  dev_t device;
  ino_t inode;
} Identity;

struct _RunconfReplacement
{
  int directory;
  char *name;
  char *path;

  GBytes *text;
  int fd; /* the new file */
  RunconfSignature coming;
  char *temp_name; /* to be unlinked at the end, or NULL */

  RunconfGrace *grace;
  gboolean is_deferred; /* the new text will be in the journal, and needn't be synced */
  gboolean is_done;     /* the new file has the name */
  int old_fd;           /* of the old file, -1 before it is opened */
  Identity old;
  GBytes *old_text; /* its content then, or NULL */
  RunconfSignature old_signature;
  RunconfSignature
      held;          /* of a file that may be replaced with any content; zero if there is none */
  GBytes *held_base; /* the text that its writer began from */
};

static gboolean
identity_equal (Identity a, Identity b)
{
  return a.device == b.device && a.inode == b.inode;
}

static Identity
get_identity (const struct stat *status)
{
  return (Identity){ status->st_dev, status->st_ino };
}

static void
fail (RunconfReplacement *self, GError **error, const char *what)
{
  runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, self->path, errno, what);
}

/**
 * runconf_replacement_new:
 * @directory: (transfer full): file descriptor of the directory
 * @name: the file in it, which isn't a symbolic link
 * @path: the name of the file in messages
 * @grace: looks after files that lose their name
 */
RunconfReplacement *
runconf_replacement_new (int directory, const char *name, const char *path, RunconfGrace *grace)
{
  RunconfReplacement *self = g_new0 (RunconfReplacement, 1);

  self->directory = directory;
  self->name = g_strdup (name);
  self->path = g_strdup (path);
  self->grace = grace;
  self->fd = -1;
  self->old_fd = -1;
  return self;
}

/**
 * runconf_replacement_set_held:
 * @held: the signature of a file that another process is writing
 * @base: (nullable): the text that this process began from
 *
 * Lets that file be replaced whatever its content is by then. The grace reports its final text as a
 * change of @base.
 */
void
runconf_replacement_set_held (RunconfReplacement *self, const RunconfSignature *held, GBytes *base)
{
  self->held = *held;
  self->held_base = base != NULL ? g_bytes_ref (base) : g_bytes_new (NULL, 0);
}

/**
 * runconf_replacement_defer:
 * @fd: (transfer full): an empty file of the same file system without a name, which gets the new text
 *
 * Lets the caller sync the new file and the directory later. Until then, the new text has to be on the
 * disk elsewhere, from runconf_replacement_give_name() on, which has to be called before
 * runconf_replacement_commit().
 */
void
runconf_replacement_defer (RunconfReplacement *self, int fd)
{
  self->is_deferred = TRUE;
  self->fd = fd;
}

/**
 * runconf_replacement_give_name:
 *
 * Gives a deferred file, which was prepared, its temporary name.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_replacement_give_name (RunconfReplacement *self, GError **error)
{
  self->temp_name = runconf_temp_file_give_name (self->fd, self->directory, self->name);
  if (self->temp_name != NULL)
    return TRUE;

  fail (self, error, "can't name the new text");
  return FALSE;
}

/**
 * runconf_replacement_get_directory:
 *
 * Returns: file descriptor of the directory
 */
int
runconf_replacement_get_directory (const RunconfReplacement *self)
{
  return self->directory;
}

void
runconf_replacement_free (RunconfReplacement *self)
{
  const RunconfSignature unseen = { 0 };

  /* while this process has a file open for writing, no process gets a lease on it */
  runconf_fd_clear (&self->fd);
  if (self->is_done && self->old_fd >= 0 && self->held_base != NULL)
    runconf_grace_add (self->grace, self->directory, self->temp_name, g_steal_fd (&self->old_fd),
                       self->held_base, &unseen);
  else if (self->is_done && self->old_fd >= 0)
    runconf_grace_add (self->grace, self->directory, self->temp_name, g_steal_fd (&self->old_fd),
                       self->old_text, &self->old_signature);
  else if (self->temp_name != NULL)
    unlinkat (self->directory, self->temp_name, 0);

  runconf_fd_clear (&self->old_fd);
  g_clear_pointer (&self->old_text, g_bytes_unref);
  g_clear_pointer (&self->held_base, g_bytes_unref);
  runconf_fd_clear (&self->directory);
  g_clear_pointer (&self->text, g_bytes_unref);
  g_free (self->temp_name);
  g_free (self->path);
  g_free (self->name);
  g_free (self);
}

/* Returns: whether the old file is open, and its status was taken */
static gboolean
open_old (RunconfReplacement *self, const char *name, struct stat *status)
{
  runconf_fd_clear (&self->old_fd);
  self->old_fd
      = openat (self->directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (self->old_fd < 0 || fstat (self->old_fd, status) < 0)
    return FALSE;

  self->old = get_identity (status);
  return TRUE;
}

/**
 * runconf_replacement_prepare:
 * @text: the new text
 * @coming: (out): the signature that the file is going to have, except for its ctime
 * @error: return location
 *
 * Writes the new text to the disk beside the old one, with the attributes of the old file. A file
 * that doesn't exist yet gets mode 0640, less the umask.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_replacement_prepare (RunconfReplacement *self, GBytes *text, RunconfSignature *coming,
                             GError **error)
{
  struct stat status, old_status;
  gboolean has_old;

  g_return_val_if_fail (self->text == NULL, FALSE);

  self->text = g_bytes_ref (text);
  has_old = open_old (self, self->name, &old_status);
  if (!has_old && errno != ENOENT)
    {
      fail (self, error, "can't open it");
      return FALSE;
    }

  if (!self->is_deferred)
    self->fd = runconf_temp_file_create (self->directory, self->name, has_old ? 0600 : 0640,
                                         &self->temp_name);
  if (self->fd < 0)
    {
      fail (self, error, "can't create a temporary file beside it");
      return FALSE;
    }
  if (!runconf_write_all (self->fd, text) || fstat (self->fd, &status) < 0)
    {
      fail (self, error, "can't write the new text");
      return FALSE;
    }
  if (has_old && !runconf_attributes_copy (self->old_fd, &old_status, self->fd, &status))
    {
      fail (self, error, "can't copy its attributes");
      return FALSE;
    }
  /* never retry a failed sync: the kernel has dropped the data that it could not write */
  if (!self->is_deferred && (fsync (self->fd) < 0 || fstat (self->fd, &status) < 0))
    {
      fail (self, error, "can't sync the new text to the disk");
      return FALSE;
    }

  runconf_signature_init (&self->coming, &status);
  *coming = self->coming;
  return TRUE;
}

static gboolean
exchange (RunconfReplacement *self)
{
  return renameat2 (self->directory, self->temp_name, self->directory, self->name, RENAME_EXCHANGE)
         == 0;
}

static gboolean
identify (RunconfReplacement *self, const char *name, Identity *identity)
{
  struct stat status;

  if (fstatat (self->directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
    return FALSE;

  *identity = get_identity (&status);
  return TRUE;
}

static Identity
get_own_identity (RunconfReplacement *self)
{
  Identity own = { 0 };
  struct stat status;

  if (fstat (self->fd, &status) == 0)
    own = get_identity (&status);

  return own;
}

/* Reads the old file, which is nearly always the one that is open. A process that has it open can be writing
 * into it, and go on: the grace finds that.
 */
static gboolean
look_at_old (RunconfReplacement *self, const char *name)
{
  struct stat status;

  g_clear_pointer (&self->old_text, g_bytes_unref);
  if (fstatat (self->directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0
      || ((self->old_fd < 0 || !identity_equal (get_identity (&status), self->old))
          && !open_old (self, name, &status)))
    return FALSE;

  return runconf_text_file_read_once (self->old_fd, &status, self->path, &self->old_text,
                                      &self->old_signature, NULL);
}

/* Returns: whether the file is the one that another process is writing, whatever its content is */
static gboolean
is_held (RunconfReplacement *self)
{
  return self->held_base != NULL && self->old_signature.device == self->held.device
         && self->old_signature.inode == self->held.inode;
}

static gboolean
is_expected (RunconfReplacement *self, GBytes *expected, GBytes *expected_text)
{
  g_autoptr (GBytes) digest = NULL;

  if (self->held_base != NULL)
    return is_held (self);

  if (expected_text != NULL)
    return g_bytes_equal (self->old_text, expected_text);

  digest = runconf_digest_new (self->old_text);
  return g_bytes_equal (digest, expected);
}

static gboolean
is_own (RunconfReplacement *self, const char *name)
{
  Identity identity;

  return identify (self, name, &identity) && identity_equal (identity, get_own_identity (self));
}

/* The file under the temporary name holds a text that may not have been read yet. */
static void
set_aside (RunconfReplacement *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%dT%H%M%S.%fZ");
  g_autofree char *lost = g_strdup_printf ("%s.lost-%s", self->name, time);
  g_autofree char *display = g_filename_display_name (self->path);

  gboolean is_moved = runconf_temp_file_move (self->directory, self->temp_name, lost);

  g_warning ("%s: a text that was found there during a write couldn't be put back; it is kept "
             "beside the file as %s",
             display, is_moved ? lost : self->temp_name);
  g_clear_pointer (&self->temp_name, g_free);
}

/* The new file has the temporary name again. A process may have opened it while it had the other
 * name, and may write into it only now.
 */
static void
let_go (RunconfReplacement *self)
{
  int fd = openat (self->directory, self->temp_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

  runconf_fd_clear (&self->fd);
  if (fd >= 0)
    runconf_grace_add (self->grace, self->directory, self->temp_name, fd, self->text,
                       &self->coming);
  else
    g_warning ("%s: %s remains beside the file: %s", self->path, self->temp_name,
               g_strerror (errno));
  g_clear_pointer (&self->temp_name, g_free);
}

/* Gives the name back to the file that had it, or to one that was saved since.
 *
 * Returns: whether this succeeded
 */
static gboolean
give_back (RunconfReplacement *self)
{
  Identity expected_out = get_own_identity (self);
  gboolean is_back = FALSE;

  for (guint round = 0; round < MAX_ROUNDS; round++)
    {
      Identity going_in;
      Identity came_out;

      if (!identify (self, self->temp_name, &going_in) || !exchange (self)
          || !identify (self, self->temp_name, &came_out))
        break;
      is_back = identity_equal (came_out, expected_out);
      if (is_back)
        break;

      /* the file that was moved out is newer than the one that was moved in */
      expected_out = going_in;
    }

  if (is_own (self, self->temp_name))
    let_go (self);
  else
    set_aside (self);
  return is_back;
}

/* Removes the new file again if there was none before.
 *
 * Returns: whether this succeeded
 */
static gboolean
take_out (RunconfReplacement *self, const char *temp_name)
{
  if (!runconf_temp_file_move (self->directory, self->name, temp_name))
    return FALSE;

  self->temp_name = g_strdup (temp_name);
  if (is_own (self, temp_name))
    let_go (self);
  else if (runconf_temp_file_move (self->directory, temp_name, self->name))
    g_clear_pointer (&self->temp_name, g_free);
  else
    set_aside (self);
  return TRUE;
}

/* Some file systems can't sync a directory because they have nothing to sync there. */
static gboolean
sync_directory (RunconfReplacement *self)
{
  return self->is_deferred || fsync (self->directory) == 0 || errno == EINVAL;
}

static void
fail_sync (RunconfReplacement *self, GError **error, int number, gboolean is_undone)
{
  runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, self->path, number,
                       is_undone
                           ? "can't sync its directory to the disk, so the old state is restored"
                           : "can't sync its directory to the disk, so the new text is in place, "
                             "but may not survive a power cut");
}

/* For file systems without exchange: a save between the two steps is overwritten. */
static gboolean
rename_over (RunconfReplacement *self, GBytes *expected, GBytes *expected_text, GError **error)
{
  if (!look_at_old (self, self->name) || !is_expected (self, expected, expected_text))
    {
      runconf_failure_set_conflict (error, self->path);
      return FALSE;
    }
  if (renameat (self->directory, self->temp_name, self->directory, self->name) < 0)
    {
      fail (self, error, "can't rename the new text into place");
      return FALSE;
    }

  g_clear_pointer (&self->temp_name, g_free);
  if (!sync_directory (self))
    {
      fail_sync (self, error, errno, FALSE);
      return FALSE;
    }

  return TRUE;
}

static gboolean
exchange_in (RunconfReplacement *self, GBytes *expected, GBytes *expected_text, GError **error)
{
  if (!exchange (self))
    {
      if (runconf_is_unsupported (errno))
        return rename_over (self, expected, expected_text, error);
      if (errno == ENOENT)
        runconf_failure_set_conflict (error, self->path);
      else
        fail (self, error, "can't rename the new text into place");
      return FALSE;
    }

  if (!look_at_old (self, self->temp_name) || !is_expected (self, expected, expected_text))
    {
      give_back (self);
      runconf_failure_set_conflict (error, self->path);
      return FALSE;
    }
  if (!sync_directory (self))
    {
      int number = errno;

      fail_sync (self, error, number, give_back (self));
      return FALSE;
    }

  return TRUE;
}

static gboolean
move_in (RunconfReplacement *self, GError **error)
{
  g_autofree char *temp_name = g_strdup (self->temp_name);

  if (!runconf_temp_file_move (self->directory, self->temp_name, self->name))
    {
      if (errno == EEXIST)
        runconf_failure_set_conflict (error, self->path);
      else
        fail (self, error, "can't rename the new text into place");
      return FALSE;
    }

  g_clear_pointer (&self->temp_name, g_free);
  if (!sync_directory (self))
    {
      int number = errno;

      fail_sync (self, error, number, take_out (self, temp_name));
      return FALSE;
    }

  return TRUE;
}

/* If another process has already written into the new file, @signature is the one that the file had
 * before: the file has another one by now, so the next check finds a change.
 */
static void
take_signature (RunconfReplacement *self, RunconfSignature *signature)
{
  RunconfSignature now;
  struct stat status;

  *signature = self->coming;
  if (fstat (self->fd, &status) < 0)
    return;

  runconf_signature_init (&now, &status);
  if (runconf_signature_equal_but_ctime (&now, &self->coming))
    *signature = now;
}

/**
 * runconf_replacement_commit:
 * @expected: the digest of the text that is to be replaced
 * @expected_text: (nullable): that text itself, if it is in memory: it is compared faster
 * @signature: (out): the signature of the file with the new text
 * @error: return location
 *
 * Gives the new text the name of the old one, and returns when that is on the disk. Call it once,
 * after runconf_replacement_prepare().
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_CONFLICT, or with %RUNCONF_STORE_ERROR_FAILED; then the
 *   text is the old one, or one that another program wrote meanwhile; if the old one can't be
 *   restored, the error says so
 */
gboolean
runconf_replacement_commit (RunconfReplacement *self, GBytes *expected, GBytes *expected_text,
                            RunconfSignature *signature, GError **error)
{
  g_autoptr (GBytes) absent = runconf_digest_new (NULL);
  gboolean done;

  g_return_val_if_fail (self->temp_name != NULL, FALSE);

  if (self->held_base == NULL && g_bytes_equal (expected, absent))
    {
      runconf_fd_clear (&self->old_fd);
      done = move_in (self, error);
    }
  else
    done = exchange_in (self, expected, expected_text, error);

  if (done)
    take_signature (self, signature);
  self->is_done = done;
  runconf_fd_clear (&self->fd);
  return done;
}
