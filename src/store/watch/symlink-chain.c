/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/watch/symlink-chain.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "store/fd.h"

/* as many as the kernel follows */
#define MAX_LINKS 40

typedef enum
{
  STEP_ON,
  STEP_END,
} Step;

/* The rest of a walk: names, the next one last. */
typedef struct
{
  RunconfSymlinkChain *chain;
  GPtrArray *ahead;
  char *here;
  guint n_links;
} Walk;

static void
hop_free (RunconfHop *hop)
{
  g_free (hop->directory);
  g_free (hop->name);
  g_free (hop);
}

static void
add_hop (Walk *walk, const char *name)
{
  RunconfHop *hop = g_new0 (RunconfHop, 1);

  hop->directory = g_strdup (walk->here);
  hop->name = g_strdup (name);
  g_ptr_array_add (walk->chain->hops, hop);
}

static void
push_names (Walk *walk, const char *path)
{
  g_auto (GStrv) names = g_strsplit (path, G_DIR_SEPARATOR_S, -1);

  for (guint i = g_strv_length (names); i > 0; i--)
    if (*names[i - 1] != '\0' && !g_str_equal (names[i - 1], "."))
      g_ptr_array_add (walk->ahead, g_steal_pointer (&names[i - 1]));
    else
      g_clear_pointer (&names[i - 1], g_free);
}

static void
go_to (Walk *walk, char *directory)
{
  g_free (walk->here);
  walk->here = directory;
}

static Step
follow_link (Walk *walk, const char *link)
{
  g_autofree char *target = g_file_read_link (link, NULL);

  if (target == NULL || ++walk->n_links > MAX_LINKS)
    return STEP_END;

  walk->chain->has_links = TRUE;
  if (g_path_is_absolute (target))
    go_to (walk, g_strdup (G_DIR_SEPARATOR_S));
  push_names (walk, target);
  return STEP_ON;
}

/* @here has no links in it, so `..` is the parent directory. */
static Step
take_step (Walk *walk)
{
  guint last = walk->ahead->len - 1;
  g_autofree char *name = g_ptr_array_steal_index (walk->ahead, last);
  g_autofree char *path = g_build_filename (walk->here, name, NULL);
  gboolean is_file = walk->ahead->len == 0;
  struct stat status;

  if (g_str_equal (name, ".."))
    {
      go_to (walk, g_path_get_dirname (walk->here));
      return STEP_ON;
    }

  if (lstat (path, &status) < 0)
    {
      walk->chain->is_complete = is_file && errno == ENOENT;
      add_hop (walk, name);
      return STEP_END;
    }

  if (S_ISLNK (status.st_mode))
    {
      add_hop (walk, name);
      return follow_link (walk, path);
    }

  if (is_file || !S_ISDIR (status.st_mode))
    {
      walk->chain->is_complete = is_file;
      add_hop (walk, name);
      return STEP_END;
    }

  go_to (walk, g_steal_pointer (&path));
  return STEP_ON;
}

/* Returns: (transfer full): the directory ahead, without its last @n_left names */
static char *
join_ahead (GPtrArray *ahead, guint n_left)
{
  g_autoptr (GString) path = g_string_new (NULL);

  for (guint i = ahead->len; i > n_left; i--)
    {
      g_string_append_c (path, G_DIR_SEPARATOR);
      g_string_append (path, ahead->pdata[i - 1]);
    }

  return g_string_free (g_steal_pointer (&path), FALSE);
}

/* Returns: a file descriptor of a directory that is reached without links; if there is none, -1 and
 * errno
 */
static int
open_plain_directory (const char *path, guint64 flags)
{
  struct open_how how = {
    .flags = flags | O_DIRECTORY | O_CLOEXEC,
    .resolve = RESOLVE_NO_SYMLINKS,
  };

  return (int) syscall (SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

static gboolean
is_plain_directory (const char *path)
{
  autofd int fd = open_plain_directory (path, O_PATH);

  return fd >= 0;
}

static gboolean
has_dots (GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    {
      if (g_str_equal (names->pdata[i], ".."))
        return TRUE;
    }

  return FALSE;
}

/* Most paths have no links: then the kernel resolves all existing directories in one step.
 * Otherwise, or if the kernel is too old for this, the walk begins at the root.
 */
static void
skip_plain (Walk *walk)
{
  g_autofree char *directory = NULL;
  guint n_left = 1;

  if (walk->ahead->len < 2 || has_dots (walk->ahead))
    return;

  directory = join_ahead (walk->ahead, n_left);
  while (!is_plain_directory (directory))
    {
      if (errno != ENOENT || ++n_left == walk->ahead->len)
        return;
      g_free (directory);
      directory = join_ahead (walk->ahead, n_left);
    }

  go_to (walk, g_steal_pointer (&directory));
  g_ptr_array_remove_range (walk->ahead, n_left, walk->ahead->len - n_left);
}

/**
 * runconf_symlink_chain_new:
 * @path: an absolute path
 *
 * Walks from the root to the file, name by name and link by link, as the kernel does.
 *
 * No part of the path needs to exist: the walk ends at the first name that is missing.
 *
 * Returns: (transfer full): the chain
 */
RunconfSymlinkChain *
runconf_symlink_chain_new (const char *path)
{
  RunconfSymlinkChain *self = g_new0 (RunconfSymlinkChain, 1);
  g_autoptr (GPtrArray) ahead = g_ptr_array_new_with_free_func (g_free);
  Walk walk = { .chain = self, .ahead = ahead, .here = g_strdup (G_DIR_SEPARATOR_S) };

  g_return_val_if_fail (g_path_is_absolute (path), NULL);

  self->hops = g_ptr_array_new_with_free_func ((GDestroyNotify) hop_free);
  push_names (&walk, path);
  skip_plain (&walk);
  while (ahead->len > 0)
    if (take_step (&walk) == STEP_END)
      break;

  g_free (walk.here);
  return self;
}

void
runconf_symlink_chain_free (RunconfSymlinkChain *self)
{
  g_ptr_array_unref (self->hops);
  g_free (self);
}

gboolean
runconf_symlink_chain_equal (const RunconfSymlinkChain *a, const RunconfSymlinkChain *b)
{
  if (a->hops->len != b->hops->len || a->is_complete != b->is_complete)
    return FALSE;

  for (guint i = 0; i < a->hops->len; i++)
    {
      const RunconfHop *x = a->hops->pdata[i];
      const RunconfHop *y = b->hops->pdata[i];

      if (!g_str_equal (x->name, y->name) || !g_str_equal (x->directory, y->directory))
        return FALSE;
    }

  return TRUE;
}

/**
 * runconf_symlink_chain_get_file:
 *
 * Returns: (transfer none) (nullable): the place of the file, even if it is missing; %NULL if a
 *   directory of the path is missing, or a link can't be followed
 */
const RunconfHop *
runconf_symlink_chain_get_file (const RunconfSymlinkChain *self)
{
  return self->is_complete ? self->hops->pdata[self->hops->len - 1] : NULL;
}

/* Returns: a file descriptor of the directory at the end of all links, or -1 and errno */
static int
open_at_end (const char *path, char **name)
{
  g_autoptr (RunconfSymlinkChain) chain = runconf_symlink_chain_new (path);
  const RunconfHop *file = runconf_symlink_chain_get_file (chain);
  int fd;

  if (file == NULL)
    {
      errno = ENOENT;
      return -1;
    }

  fd = open (file->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0)
    *name = g_strdup (file->name);

  return fd;
}

/* Returns: whether there is a file; if there is none, the status says so by a type of 0 */
static gboolean
take_status (int directory, const char *name, struct stat *status)
{
  if (fstatat (directory, name, status, AT_SYMLINK_NOFOLLOW) == 0)
    return TRUE;

  *status = (struct stat){ 0 };

  return FALSE;
}

/**
 * runconf_symlink_chain_open_directory:
 * @path: an absolute path
 * @name: (out) (transfer full): the name of the file in the directory
 * @status: (out): the status of the file; its mode is 0 if there is no file
 *
 * Opens the directory of a file, at the end of all symbolic links. A path without links, which nearly
 * every one is, takes two system calls.
 *
 * Returns: a file descriptor, or -1 and errno
 */
int
runconf_symlink_chain_open_directory (const char *path, char **name, struct stat *status)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *file = g_path_get_basename (path);
  autofd int fd = open_plain_directory (folder, O_RDONLY);

  if (fd >= 0 && !(take_status (fd, file, status) && S_ISLNK (status->st_mode)))
    {
      *name = g_steal_pointer (&file);
      return g_steal_fd (&fd);
    }

  runconf_fd_clear (&fd);
  fd = open_at_end (path, name);
  if (fd >= 0)
    take_status (fd, *name, status);

  return g_steal_fd (&fd);
}
