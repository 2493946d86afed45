/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/stat.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfSignature:
 * @failure: 0, or the errno of the stat that failed: `ENOENT` for a missing file, `ENOTDIR` if its
 *   folder is missing, too
 * @mtime: ns since the epoch
 * @ctime: ns since the epoch
 *
 * The result of one stat of a file. If two signatures are equal, so is the content, unless it was
 * changed twice within one tick of the clock of the file system.
 */
typedef struct
{
  int failure;
  guint64 device;
  guint64 inode;
  gint64 size;
  gint64 mtime;
  gint64 ctime;
} RunconfSignature;

/* For so many ns after a change, another one may leave the signature as it is: a tick of the slowest
 * kernel takes 10 ms.
 */
#define RUNCONF_SIGNATURE_RACY (20 * 1000 * 1000)

void runconf_signature_init (RunconfSignature *self, const struct stat *status);
void runconf_signature_init_missing (RunconfSignature *self, const char *path);
void runconf_signature_take (RunconfSignature *self, const char *path);
void runconf_signature_take_folder (RunconfSignature *self, const char *path);

gboolean runconf_signature_equal (const RunconfSignature *a, const RunconfSignature *b);
gboolean runconf_signature_equal_but_ctime (const RunconfSignature *a, const RunconfSignature *b);

G_END_DECLS
