/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/schemas/output.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "gsettings/schemas/text.h"

#define FOLDER_MODE 0755
#define FILE_MODE 0644

/* Returns: %FALSE with an error if the file can't be read; if there is none, @text is %NULL */
static gboolean
read_file (const char *path, GBytes **text, GError **error)
{
  g_autoptr (GError) problem = NULL;
  char *contents;
  gsize size;

  *text = NULL;
  if (g_file_get_contents (path, &contents, &size, &problem))
    *text = g_bytes_new_take (contents, size);
  if (problem == NULL || g_error_matches (problem, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&problem));

  return FALSE;
}

static gboolean
fail (const char *path, const char *problem, GError **error)
{
  int number = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "%s: %s: %s", path, problem,
               g_strerror (number));

  return FALSE;
}

static gboolean
remove_file (const char *path, GError **error)
{
  return g_unlink (path) == 0 || fail (path, "can't remove it", error);
}

static gboolean
write_file (const char *path, GBytes *text, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  gsize size;
  const char *data = g_bytes_get_data (text, &size);

  if (g_mkdir_with_parents (folder, FOLDER_MODE) != 0)
    return fail (folder, "can't create it", error);

  return g_file_set_contents_full (path, data, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT,
                                   FILE_MODE, error);
}

static gboolean
is_same (GBytes *a, GBytes *b)
{
  return a == b || (a != NULL && b != NULL && g_bytes_equal (a, b));
}

/**
 * runconf_gsettings_output_put:
 * @text: (nullable): the text of the file; %NULL if there shall be none
 *
 * Replaces or removes a file that was written here. A file with the same text isn't touched.
 *
 * Returns: %FALSE with an error, also if another program wrote the file
 */
gboolean
runconf_gsettings_output_put (const char *folder, const char *name, GBytes *text, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GBytes) before = NULL;

  if (!read_file (path, &before, error))
    return FALSE;
  if (is_same (before, text))
    return TRUE;

  if (before != NULL && !runconf_gsettings_text_is_written_here (before))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                   "%s: it wasn't written by this program, and stays; move it away, or have its "
                   "values in a file of config.d",
                   path);
      return FALSE;
    }

  return text != NULL ? write_file (path, text, error) : remove_file (path, error);
}
