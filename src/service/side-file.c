/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/side-file.h"

#include "store/text-file.h"

/**
 * runconfd_side_file_init:
 * @path: (transfer full): where it is
 * @watch: whether edits are looked for
 */
void
runconfd_side_file_init (RunconfdSideFile *self, char *path, gboolean watch)
{
  *self = (RunconfdSideFile){ .path = path };
  self->watcher = runconf_watcher_new (path, watch);
}

/**
 * runconfd_side_file_copy:
 *
 * Makes @self ready to be read in a thread.
 */
void
runconfd_side_file_copy (RunconfdSideFile *self, const RunconfdSideFile *from)
{
  *self = (RunconfdSideFile){ .path = g_strdup (from->path) };
  self->watcher = g_object_ref (from->watcher);
  self->known = from->known != NULL ? g_bytes_ref (from->known) : NULL;
}

void
runconfd_side_file_clear (RunconfdSideFile *self)
{
  g_clear_pointer (&self->path, g_free);
  g_clear_object (&self->watcher);
  g_clear_pointer (&self->known, g_bytes_unref);
  g_clear_pointer (&self->text, g_bytes_unref);
  g_clear_error (&self->error);
}

static gboolean
is_same (GBytes *a, GBytes *b)
{
  return a != NULL && b != NULL ? g_bytes_equal (a, b) : a == b;
}

/* A folder that is gone, with its mount or for a moment, says nothing of the file. */
static gboolean
check_folder (RunconfdSideFile *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path);

  if (self->text != NULL || self->known == NULL || g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;

  g_set_error (&self->error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_UNREADABLE,
               "%s: its folder isn't there: bring it back", self->path);

  return FALSE;
}

/**
 * runconfd_side_file_read:
 *
 * Finds out what stands in the file now. It blocks.
 */
void
runconfd_side_file_read (RunconfdSideFile *self)
{
  RunconfSignature signature;
  gint64 now = g_get_real_time ();
  gboolean is_read
      = runconf_text_file_read (self->path, &self->text, &signature, NULL, &self->error);

  if (!is_read)
    runconf_signature_take (&signature, self->path);
  runconf_watcher_set_known (self->watcher, &signature, now);
  self->is_changed = is_read && check_folder (self) && !is_same (self->text, self->known);
}

/**
 * runconfd_side_file_take:
 * @read: what was found
 *
 * From now on this is known.
 */
void
runconfd_side_file_take (RunconfdSideFile *self, const RunconfdSideFile *read)
{
  g_clear_pointer (&self->known, g_bytes_unref);
  self->known = read->text != NULL ? g_bytes_ref (read->text) : NULL;
}
