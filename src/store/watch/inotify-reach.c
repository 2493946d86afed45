/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/watch/inotify-reach.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>

/* File systems that can change without an event, for example from another host. */
static gboolean
is_remote (const char *directory)
{
  static const guint32 types[] = {
    NFS_SUPER_MAGIC,         SMB_SUPER_MAGIC,
    SMB2_SUPER_MAGIC,        CIFS_SUPER_MAGIC,
    FUSE_SUPER_MAGIC,        CEPH_SUPER_MAGIC,
    AFS_SUPER_MAGIC,         AFS_FS_MAGIC,
    CODA_SUPER_MAGIC,        V9FS_MAGIC,
    0x7461636f /* OCFS2 */,  0x01161970 /* GFS2 */,
    0x0bd00bd0 /* Lustre */, 0x786f4256 /* VirtualBox */,
  };
  struct statfs status;

  if (statfs (directory, &status) < 0)
    return TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i] == (guint32) status.f_type)
      return TRUE;

  return FALSE;
}

static gboolean
is_mounted_or_linked (const char *path, const char *directory)
{
  struct statx file;
  struct statx above;

  if (statx (AT_FDCWD, path, 0, STATX_TYPE | STATX_NLINK | STATX_MNT_ID, &file) < 0
      || statx (AT_FDCWD, directory, 0, STATX_MNT_ID, &above) < 0)
    return FALSE;

  /* a folder has a link for each folder in it */
  return (!S_ISDIR (file.stx_mode) && file.stx_nlink > 1) || file.stx_mnt_id != above.stx_mnt_id;
}

/**
 * runconf_inotify_reaches:
 * @path: a file
 * @chain: the chain of @path
 *
 * A watch on its directory doesn't see a write to the file under another name: through another hard
 * link, at the source of a bind mount, on another host. Symbolic links are watched hop by hop, but a
 * `..` behind one leads through a directory that isn't.
 *
 * Returns: whether each change of the file makes an event for its name
 */
gboolean
runconf_inotify_reaches (const char *path, const RunconfSymlinkChain *chain)
{
  const RunconfHop *file = runconf_symlink_chain_get_file (chain);

  return file != NULL && !chain->has_links && !is_remote (file->directory)
         && !is_mounted_or_linked (path, file->directory);
}
