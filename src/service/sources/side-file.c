/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/sources/side-file.h"

#include <string.h>

#include "store/file/text-file.h"

#define SUFFIX ".yaml"

/**
 * runconfd_side_file_init:
 * @path: (transfer full): of the file
 * @watch: whether to watch for edits
 */
void
runconfd_side_file_init (RunconfdSideFile *self, char *path, gboolean watch)
{
  *self = (RunconfdSideFile){ .path = path };
  self->watcher = runconf_watcher_new (path, watch);
}

/**
 * runconfd_side_file_init_in_folders:
 * @folders: (array zero-terminated=1): one at least, the most important one last
 * @name: the name of the file in them
 * @drop_ins: (nullable): the folder beside it whose files are merged over it
 *
 * The caller has to watch the folders.
 */
void
runconfd_side_file_init_in_folders (RunconfdSideFile *self, const char *const *folders,
                                    const char *name, const char *drop_ins)
{
  *self = (RunconfdSideFile){
    .name = name,
    .drop_ins = drop_ins,
    .folders = g_strdupv ((char **) folders),
    .path = g_build_filename (folders[0], name, NULL),
  };
}

/**
 * runconfd_side_file_copy:
 * @watchers: (nullable): those of the folders that it may be in
 *
 * Prepares @self to be read in a thread.
 */
void
runconfd_side_file_copy (RunconfdSideFile *self, const RunconfdSideFile *from, GPtrArray *watchers)
{
  *self = (RunconfdSideFile){
    .name = from->name,
    .drop_ins = from->drop_ins,
    .folders = g_strdupv (from->folders),
    .path = g_strdup (from->path),
    .patience = from->patience,
    .watchers = watchers != NULL ? g_ptr_array_ref (watchers) : NULL,
    .parts = g_ptr_array_new_with_free_func ((GDestroyNotify) runconfd_part_free),
  };
  g_set_object (&self->watcher, from->watcher);
  self->known = from->known != NULL ? g_bytes_ref (from->known) : NULL;
}

void
runconfd_side_file_clear (RunconfdSideFile *self)
{
  g_clear_pointer (&self->folders, g_strfreev);
  g_clear_pointer (&self->path, g_free);
  g_clear_object (&self->watcher);
  g_clear_pointer (&self->known, g_bytes_unref);
  g_clear_pointer (&self->written_text, g_bytes_unref);
  g_clear_pointer (&self->watchers, g_ptr_array_unref);
  g_clear_pointer (&self->parts, g_ptr_array_unref);
  g_clear_pointer (&self->found, g_bytes_unref);
  g_clear_error (&self->error);
}

static gboolean
is_same (GBytes *a, GBytes *b)
{
  return a != NULL && b != NULL ? g_bytes_equal (a, b) : a == b;
}

/* A missing folder, unmounted or replaced just now, doesn't mean that the file was removed. */
static gboolean
check_folder (RunconfdSideFile *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path);

  if (self->found != NULL || self->known == NULL || g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;

  g_set_error (&self->error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_UNREADABLE,
               "%s: its folder doesn't exist: restore it", self->path);

  return FALSE;
}

/* Returns: (nullable): the watcher that reports changes of a file */
static RunconfWatcher *
find_watcher (RunconfdSideFile *self, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  for (guint i = 0; self->watchers != NULL && i < self->watchers->len; i++)
    {
      if (strcmp (runconf_watcher_get_path (self->watchers->pdata[i]), folder) == 0)
        return self->watchers->pdata[i];
    }

  return self->watcher;
}

/* Several parts of one side may be written at a time: the signature combines all of them. */
static void
note_writer (RunconfdSideFile *self, RunconfWriter writer, const RunconfSignature *signature,
             GBytes *text)
{
  if (writer == RUNCONF_WRITER_NONE)
    return;

  self->writer = MAX (self->writer, writer);
  self->written.inode ^= signature->inode;
  self->written.size += signature->size;
  self->written.mtime = MAX (self->written.mtime, signature->mtime);
  g_clear_pointer (&self->written_text, g_bytes_unref);
  self->written_text = g_bytes_ref (text);
}

/* Returns: %FALSE with an error; %TRUE also if there is no file */
static gboolean
read_part (RunconfdSideFile *self, const char *path, RunconfSignature *signature)
{
  g_autoptr (GBytes) text = NULL;
  RunconfWatcher *watcher = find_watcher (self, path);
  RunconfLease lease;

  if (!runconf_text_file_read (path, &text, signature, &lease, &self->error))
    return FALSE;
  if (text != NULL && watcher != NULL)
    note_writer (self, runconf_watcher_find_writer (watcher, path, lease, signature), signature,
                 text);

  if (text != NULL)
    g_ptr_array_add (self->parts, runconfd_part_new (path, text));

  return TRUE;
}

static gboolean
read_alone (RunconfdSideFile *self)
{
  RunconfSignature signature;
  gint64 now = g_get_real_time ();
  gboolean is_read = read_part (self, self->path, &signature);

  if (!is_read)
    runconf_signature_take (&signature, self->path);
  runconf_watcher_set_known (self->watcher, &signature, now);
  if (is_read && self->parts->len > 0)
    self->found = g_bytes_ref (((RunconfdPart *) self->parts->pdata[0])->text);

  return is_read && check_folder (self);
}

/* The same text in another file counts as a change, since errors and Describe name the file. */
static GBytes *
join (GPtrArray *parts)
{
  g_autoptr (GByteArray) joined = g_byte_array_new ();

  for (guint i = 0; i < parts->len; i++)
    {
      const RunconfdPart *part = parts->pdata[i];
      gsize size;
      const guint8 *text = g_bytes_get_data (part->text, &size);

      g_byte_array_append (joined, (const guint8 *) part->path, strlen (part->path) + 1);
      g_byte_array_append (joined, (const guint8 *) &size, sizeof size);
      g_byte_array_append (joined, text, size);
    }

  return g_byte_array_free_to_bytes (g_steal_pointer (&joined));
}

static gboolean
read_drop_ins (RunconfdSideFile *self)
{
  const char *const *folders = (const char *const *) self->folders;
  g_autoptr (GPtrArray) paths
      = runconfd_layers_find_all (folders, self->drop_ins, SUFFIX, &self->error);
  RunconfSignature signature;

  for (guint i = 0; paths != NULL && i < paths->len; i++)
    {
      if (!read_part (self, paths->pdata[i], &signature))
        return FALSE;
    }

  return paths != NULL;
}

/* Without the file itself, its drop-ins have no meaning. */
static gboolean
read_in_folders (RunconfdSideFile *self)
{
  g_autofree char *path = NULL;
  RunconfSignature signature;

  if (!runconfd_layers_find ((const char *const *) self->folders, self->name, &path, &self->error))
    return FALSE;

  if (path != NULL)
    {
      g_free (self->path);
      self->path = g_steal_pointer (&path);
      if (!read_part (self, self->path, &signature))
        return FALSE;
    }

  if (self->parts->len == 0)
    return TRUE;
  if (self->drop_ins != NULL && !read_drop_ins (self))
    return FALSE;

  self->found = join (self->parts);

  return TRUE;
}

/**
 * runconfd_side_file_read:
 * @is_yaml: whether a broken text can be recognized
 *
 * Reads the current contents of the file. It blocks. Contents that a process is still writing are
 * left out.
 */
void
runconfd_side_file_read (RunconfdSideFile *self, gboolean is_yaml)
{
  gboolean is_read = self->folders != NULL ? read_in_folders (self) : read_alone (self);
  gboolean is_other = is_read && !is_same (self->found, self->known);

  self->is_held = is_other
                  && runconf_patience_wait (&self->patience, self->writer, &self->written,
                                            self->written_text, is_yaml ? self->path : NULL);
  self->is_changed = is_other && !self->is_held;
}

/**
 * runconfd_side_file_get_text:
 *
 * Returns: (transfer none) (nullable): the text of the file itself; %NULL if there is none
 */
GBytes *
runconfd_side_file_get_text (const RunconfdSideFile *self)
{
  return self->parts->len > 0 ? ((RunconfdPart *) self->parts->pdata[0])->text : NULL;
}

/**
 * runconfd_side_file_take:
 * @read: the file as read
 *
 * Makes the contents that were read the known ones.
 */
void
runconfd_side_file_take (RunconfdSideFile *self, const RunconfdSideFile *read)
{
  g_clear_pointer (&self->known, g_bytes_unref);
  self->known = read->found != NULL ? g_bytes_ref (read->found) : NULL;
  g_free (self->path);
  self->path = g_strdup (read->path);
}
