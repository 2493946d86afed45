/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/file/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "store/directory.h"
#include "store/failure.h"
#include "store/fd.h"
#include "store/file/temp-file.h"
#include "store/file/text-file.h"
#include "store/watch/symlink-chain.h"

/* Copies of texts that would be lost, kept beside the file that they were in. */

#define MAX_COPIES 20
#define MAX_BYTES (32 * 1024 * 1024)

/* how often to make another name if one is taken */
#define MAX_NAMES 100

typedef struct
{
  char *name;
  gint64 size;
} Copy;

static void
copy_free (Copy *copy)
{
  g_free (copy->name);
  g_free (copy);
}

/* The names end in a time, so their order is that of their creation. */
static int
compare_copies (gconstpointer a, gconstpointer b)
{
  const Copy *const *x = a;
  const Copy *const *y = b;

  return strcmp ((*x)->name, (*y)->name);
}

static GPtrArray *
list_copies (int directory, const char *prefix)
{
  g_autoptr (GPtrArray) names = runconf_directory_list (directory);
  GPtrArray *copies = g_ptr_array_new_with_free_func ((GDestroyNotify) copy_free);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      struct stat status;
      Copy *copy;

      if (!g_str_has_prefix (name, prefix)
          || fstatat (directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0
          || !S_ISREG (status.st_mode))
        continue;

      copy = g_new0 (Copy, 1);
      copy->name = g_strdup (name);
      copy->size = status.st_size;
      g_ptr_array_add (copies, copy);
    }

  g_ptr_array_sort (copies, compare_copies);

  return copies;
}

static const char *
find_copy (int directory, GPtrArray *copies, GBytes *text)
{
  for (guint i = 0; i < copies->len; i++)
    {
      const Copy *copy = copies->pdata[i];
      g_autoptr (GBytes) content = NULL;
      RunconfSignature signature;

      if ((gsize) copy->size == g_bytes_get_size (text)
          && runconf_text_file_read_at (directory, copy->name, copy->name, &content, &signature,
                                        NULL, NULL)
          && content != NULL && g_bytes_equal (content, text))
        return copy->name;
    }

  return NULL;
}

/* Removes the oldest copies until there is room for another one of @size bytes. */
static void
make_room (int directory, GPtrArray *copies, gint64 size)
{
  gint64 sum = size;
  guint n_kept = 1;

  for (guint i = copies->len; i > 0; i--)
    {
      const Copy *copy = copies->pdata[i - 1];

      sum += copy->size;
      if (++n_kept <= MAX_COPIES && sum <= MAX_BYTES)
        continue;

      if (unlinkat (directory, copy->name, 0) < 0)
        g_warning ("The old copy %s can't be removed: %s", copy->name, g_strerror (errno));
    }
}

static char *
make_name (const char *prefix)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%dT%H%M%S.%fZ");

  return g_strconcat (prefix, time, NULL);
}

/* Two copies of one microsecond get two names. */
static char *
name_copy (int directory, const char *temp_name, const char *prefix)
{
  for (guint i = 0; i < MAX_NAMES; i++)
    {
      g_autofree char *copy_name = make_name (prefix);

      if (runconf_temp_file_move (directory, temp_name, copy_name))
        return g_steal_pointer (&copy_name);
      if (errno != EEXIST)
        return NULL;
    }

  return NULL;
}

/* The copy gets its name once it is complete and on the disk. */
static char *
write_copy (int directory, const char *name, const char *prefix, GBytes *text)
{
  g_autofree char *temp_name = NULL;
  g_autofree char *copy_name = NULL;
  autofd int fd = runconf_temp_file_create (directory, name, 0600, &temp_name);

  if (fd < 0)
    return NULL;

  if (runconf_write_all (fd, text) && fsync (fd) == 0)
    copy_name = name_copy (directory, temp_name, prefix);

  if (copy_name == NULL)
    {
      int saved = errno;

      unlinkat (directory, temp_name, 0);
      errno = saved;
      return NULL;
    }

  return fsync (directory) == 0 || errno == EINVAL ? g_steal_pointer (&copy_name) : NULL;
}

/**
 * runconf_quarantine_keep:
 * @path: an absolute path of the file that held the text; symbolic links are followed
 * @why: the reason for keeping it
 * @text: the text
 * @error: return location
 *
 * Keeps a copy of a text that is about to be replaced and can't be derived from the new one, as
 * `PATH.WHY-TIME` in the directory of the file, readable only for its owner. TIME is in UTC and
 * sorts. A text that is kept already isn't kept twice. The newest 20 copies per reason remain, or
 * as many as take 32 MiB together.
 *
 * When this returns a path, the copy is on the disk. This blocks on the file system.
 *
 * Returns: (transfer full) (nullable): the path of the copy; %NULL with %RUNCONF_STORE_ERROR_FAILED
 */
char *
runconf_quarantine_keep (const char *path, const char *why, GBytes *text, GError **error)
{
  g_autoptr (RunconfSymlinkChain) chain = runconf_symlink_chain_new (path);
  const RunconfHop *file = runconf_symlink_chain_get_file (chain);
  g_autoptr (GPtrArray) copies = NULL;
  g_autofree char *prefix = NULL;
  g_autofree char *copy_name = NULL;
  autofd int directory = -1;

  if (file == NULL)
    errno = ENOENT;
  else
    directory = open (file->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0)
    {
      runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, path, errno,
                           "can't open its directory");
      return NULL;
    }

  prefix = g_strconcat (file->name, ".", why, "-", NULL);
  copies = list_copies (directory, prefix);
  copy_name = g_strdup (find_copy (directory, copies, text));
  if (copy_name == NULL)
    {
      make_room (directory, copies, g_bytes_get_size (text));
      copy_name = write_copy (directory, file->name, prefix, text);
    }
  if (copy_name == NULL)
    {
      runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, path, errno,
                           "can't keep a copy beside it");
      return NULL;
    }

  return g_build_filename (file->directory, copy_name, NULL);
}
