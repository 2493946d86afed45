/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/watch/signature.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

static gint64
to_ns (struct timespec time)
{
  return (gint64) time.tv_sec * G_GINT64_CONSTANT (1000000000) + time.tv_nsec;
}

void
runconf_signature_init (RunconfSignature *self, const struct stat *status)
{
  *self = (RunconfSignature){
    .device = status->st_dev,
    .inode = status->st_ino,
    .size = status->st_size,
    .mtime = to_ns (status->st_mtim),
    .ctime = to_ns (status->st_ctim),
  };
}

/**
 * runconf_signature_init_missing:
 * @path: a file that doesn't exist
 *
 * Makes the signature of the absence. The folder of the file may be missing, too: when the folder is
 * back, the absence of the file has another meaning, so this is another signature.
 */
void
runconf_signature_init_missing (RunconfSignature *self, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  *self = (RunconfSignature){ .failure
                              = g_file_test (folder, G_FILE_TEST_IS_DIR) ? ENOENT : ENOTDIR };
}

/**
 * runconf_signature_take:
 * @path: a file; symbolic links are followed
 *
 * Takes the signature of the file, or of its absence.
 */
void
runconf_signature_take (RunconfSignature *self, const char *path)
{
  struct stat status;

  if (stat (path, &status) == 0)
    runconf_signature_init (self, &status);
  else if (errno == ENOENT)
    runconf_signature_init_missing (self, path);
  else
    *self = (RunconfSignature){ .failure = errno };
}

/* FNV-1a: it has to distinguish changes of a folder, not to withstand attacks. */
static guint64
mix (guint64 hash, gconstpointer data, gsize size)
{
  const guint8 *bytes = data;

  for (gsize i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * G_GUINT64_CONSTANT (0x100000001b3);

  return hash;
}

static guint64
hash_entry (int folder, const char *name, RunconfSignature *entry)
{
  struct stat status;
  guint64 hash = mix (G_GUINT64_CONSTANT (0xcbf29ce484222325), name, strlen (name));

  if (fstatat (folder, name, &status, 0) == 0)
    runconf_signature_init (entry, &status);
  else
    *entry = (RunconfSignature){ .failure = errno };

  hash = mix (hash, &entry->failure, sizeof entry->failure);
  hash = mix (hash, &entry->device, sizeof entry->device);
  hash = mix (hash, &entry->inode, sizeof entry->inode);
  hash = mix (hash, &entry->size, sizeof entry->size);
  hash = mix (hash, &entry->mtime, sizeof entry->mtime);

  return mix (hash, &entry->ctime, sizeof entry->ctime);
}

/**
 * runconf_signature_take_folder:
 * @path: a folder; symbolic links are followed
 *
 * Takes one signature of all entries of a folder that aren't hidden. Its size has no meaning, but
 * is never 0; its times are the latest of those of its files.
 */
void
runconf_signature_take_folder (RunconfSignature *self, const char *path)
{
  DIR *folder = opendir (path);
  const struct dirent *entry;
  guint64 sum = 0;

  *self = (RunconfSignature){ .failure = folder == NULL ? errno : 0 };
  if (folder == NULL)
    return;

  while ((entry = readdir (folder)) != NULL)
    {
      RunconfSignature file;

      if (entry->d_name[0] == '.')
        continue;

      sum += hash_entry (dirfd (folder), entry->d_name, &file);
      self->mtime = MAX (self->mtime, file.mtime);
      self->ctime = MAX (self->ctime, file.ctime);
    }

  self->inode = sum;
  self->size = 1;
  closedir (folder);
}

/**
 * runconf_signature_equal_but_ctime:
 *
 * A rename changes only the ctime, so this function finds whether a file that was renamed in
 * between still has its content.
 */
gboolean
runconf_signature_equal_but_ctime (const RunconfSignature *a, const RunconfSignature *b)
{
  return a->failure == b->failure && a->device == b->device && a->inode == b->inode
         && a->size == b->size && a->mtime == b->mtime;
}

gboolean
runconf_signature_equal (const RunconfSignature *a, const RunconfSignature *b)
{
  return runconf_signature_equal_but_ctime (a, b) && a->ctime == b->ctime;
}
