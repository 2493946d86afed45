/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/stat.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfHop:
 * @directory: a path without symbolic links
 * @name: a name in it
 *
 * One name whose change can make a path lead to another file.
 */
typedef struct
{
  char *directory;
  char *name;
} RunconfHop;

/**
 * RunconfSymlinkChain:
 * @hops: (element-type RunconfHop): each symbolic link of the path, also of directories, in order,
 *   and then the file itself, or the first directory that is missing
 * @has_links: whether the path has a symbolic link
 * @is_complete: whether the last hop is the file, which may be missing
 *
 * The symbolic links between a path and its file.
 */
typedef struct
{
  GPtrArray *hops;
  gboolean has_links;
  gboolean is_complete;
} RunconfSymlinkChain;

RunconfSymlinkChain *runconf_symlink_chain_new (const char *path);
void runconf_symlink_chain_free (RunconfSymlinkChain *self);

gboolean runconf_symlink_chain_equal (const RunconfSymlinkChain *a, const RunconfSymlinkChain *b);
const RunconfHop *runconf_symlink_chain_get_file (const RunconfSymlinkChain *self);

int runconf_symlink_chain_open_directory (const char *path, char **name, struct stat *status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfSymlinkChain, runconf_symlink_chain_free)

G_END_DECLS
