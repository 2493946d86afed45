/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/signature.h"

#include <errno.h>

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
 * runconf_signature_take:
 * @path: a file; symbolic links are followed
 *
 * Takes the signature of what is there now, or of nothing being there.
 */
void
runconf_signature_take (RunconfSignature *self, const char *path)
{
  struct stat status;

  if (stat (path, &status) == 0)
    runconf_signature_init (self, &status);
  else
    *self = (RunconfSignature){ .failure = errno };
}

/**
 * runconf_signature_equal_but_ctime:
 *
 * A rename changes nothing but the ctime, so this tells whether a file that was renamed in between
 * still has its content.
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
