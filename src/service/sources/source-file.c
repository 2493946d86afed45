/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/sources/source-file.h"

#include <string.h>

#include "store/file/text-file.h"

/* the file in each folder, and the folder beside it with further ones; NULL if there is none */
static const struct
{
  const char *name;
  const char *drop_ins;
} sources[RUNCONFD_N_SOURCES] = {
  [RUNCONFD_SOURCE_DEFAULTS] = { RUNCONF_DEFAULTS_FILE, RUNCONF_DEFAULTS_FOLDER },
  [RUNCONFD_SOURCE_SCHEMA] = { RUNCONF_SCHEMA_FILE, NULL },
  [RUNCONFD_SOURCE_LOCKS] = { RUNCONF_LOCKS_FILE, RUNCONF_LOCKS_FOLDER },
};

const char *
runconfd_source_get_name (RunconfdSource source)
{
  return sources[source].name;
}

/**
 * runconfd_source_get_drop_ins:
 *
 * Returns: (nullable): the name of the folder with further files of this source
 */
const char *
runconfd_source_get_drop_ins (RunconfdSource source)
{
  return sources[source].drop_ins;
}

static void
part_free (RunconfdPart *self)
{
  g_free (self->path);
  g_bytes_unref (self->text);
  g_free (self);
}

static GPtrArray *
parts_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) part_free);
}

static void
add_part (RunconfdSourceFile *self, const RunconfLayerPath *place, GBytes *text)
{
  RunconfdPart *part = g_new0 (RunconfdPart, 1);

  part->layer = place->layer;
  part->path = g_strdup (place->path);
  part->replaced_by = place->replaced_by;
  part->text = g_bytes_ref (text);
  g_ptr_array_add (self->parts, part);
}

/**
 * runconfd_source_file_init:
 * @path: of the file
 * @watch: whether to watch for edits
 */
void
runconfd_source_file_init (RunconfdSourceFile *self, RunconfdSource source, const char *path,
                           gboolean watch)
{
  *self = (RunconfdSourceFile){ .source = source, .path = g_strdup (path), .known = parts_new () };
  self->watcher = runconf_watcher_new (path, watch);
}

/**
 * runconfd_source_file_init_in_folders:
 * @folders: (element-type RunconfLayerPath): one at least, the most important one last
 *
 * The caller has to watch the folders.
 */
void
runconfd_source_file_init_in_folders (RunconfdSourceFile *self, RunconfdSource source,
                                      GPtrArray *folders)
{
  const RunconfLayerPath *first = folders->pdata[0];

  *self = (RunconfdSourceFile){
    .source = source,
    .folders = g_ptr_array_ref (folders),
    .path = g_build_filename (first->path, sources[source].name, NULL),
    .known = parts_new (),
  };
}

/**
 * runconfd_source_file_copy:
 * @watchers: (nullable): those of the folders that it may be in
 *
 * Prepares @self to be read in a thread.
 */
void
runconfd_source_file_copy (RunconfdSourceFile *self, const RunconfdSourceFile *from,
                           GPtrArray *watchers)
{
  *self = (RunconfdSourceFile){
    .source = from->source,
    .folders = from->folders != NULL ? g_ptr_array_ref (from->folders) : NULL,
    .path = g_strdup (from->path),
    .patience = from->patience,
    .watchers = watchers != NULL ? g_ptr_array_ref (watchers) : NULL,
    .known = g_ptr_array_ref (from->known),
    .parts = parts_new (),
  };
  g_set_object (&self->watcher, from->watcher);
}

void
runconfd_source_file_clear (RunconfdSourceFile *self)
{
  g_clear_pointer (&self->folders, g_ptr_array_unref);
  g_clear_pointer (&self->path, g_free);
  g_clear_object (&self->watcher);
  g_clear_pointer (&self->known, g_ptr_array_unref);
  g_clear_pointer (&self->written_text, g_bytes_unref);
  g_clear_pointer (&self->watchers, g_ptr_array_unref);
  g_clear_pointer (&self->parts, g_ptr_array_unref);
  g_clear_error (&self->error);
}

/* The same text in another file counts as a change, since errors and Describe name the file. */
static gboolean
is_same_part (const RunconfdPart *a, const RunconfdPart *b)
{
  return strcmp (a->path, b->path) == 0 && a->replaced_by == b->replaced_by
         && g_bytes_equal (a->text, b->text);
}

static gboolean
is_same (GPtrArray *a, GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;

  for (guint i = 0; i < a->len; i++)
    {
      if (!is_same_part (a->pdata[i], b->pdata[i]))
        return FALSE;
    }

  return TRUE;
}

/* A missing folder, unmounted or replaced just now, doesn't mean that the file was removed. */
static gboolean
check_folder (RunconfdSourceFile *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path);

  if (self->parts->len > 0 || self->known->len == 0 || g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;

  g_set_error (&self->error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_UNREADABLE,
               "%s: its folder doesn't exist: restore it", self->path);

  return FALSE;
}

/* Returns: (nullable): the watcher that reports changes of a file */
static RunconfWatcher *
find_watcher (RunconfdSourceFile *self, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  for (guint i = 0; self->watchers != NULL && i < self->watchers->len; i++)
    {
      if (strcmp (runconf_watcher_get_path (self->watchers->pdata[i]), folder) == 0)
        return self->watchers->pdata[i];
    }

  return self->watcher;
}

/* Several parts of one source may be written at a time: the signature combines all of them. */
static void
note_writer (RunconfdSourceFile *self, RunconfWriter writer, const RunconfSignature *signature,
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
read_part (RunconfdSourceFile *self, const RunconfLayerPath *place, RunconfSignature *signature)
{
  const char *path = place->path;
  g_autoptr (GBytes) text = NULL;
  RunconfWatcher *watcher = find_watcher (self, path);
  RunconfLease lease;

  if (!runconf_text_file_read (path, &text, signature, &lease, &self->error))
    return FALSE;
  if (text != NULL && watcher != NULL)
    note_writer (self, runconf_watcher_find_writer (watcher, path, lease, signature), signature,
                 text);

  if (text != NULL)
    add_part (self, place, text);

  return TRUE;
}

static gboolean
read_alone (RunconfdSourceFile *self)
{
  g_autoptr (RunconfLayerPath) place = runconf_layer_path_new (RUNCONF_LAYER_VENDOR, self->path);
  RunconfSignature signature;
  gint64 now = g_get_real_time ();
  gboolean is_read = read_part (self, place, &signature);

  if (!is_read)
    runconf_signature_take (&signature, self->path);
  runconf_watcher_set_known (self->watcher, &signature, now);

  return is_read && check_folder (self);
}

static gboolean
read_parts (RunconfdSourceFile *self, GPtrArray *places)
{
  RunconfSignature signature;

  for (guint i = 0; places != NULL && i < places->len; i++)
    {
      if (!read_part (self, places->pdata[i], &signature))
        return FALSE;
    }

  return places != NULL;
}

static void
take_path (RunconfdSourceFile *self, const RunconfLayerPath *place)
{
  g_free (self->path);
  self->path = g_strdup (place->path);
}

/* Without the file itself, its drop-ins have no meaning. The files that it replaces are read too: a
 * lock of a weaker layer keeps values of theirs.
 */
static gboolean
read_defaults (RunconfdSourceFile *self)
{
  g_autoptr (GPtrArray) bases
      = runconf_files_find_bases (self->folders, sources[self->source].name, &self->error);
  g_autoptr (GPtrArray) drop_ins = NULL;

  if (bases != NULL && bases->len > 0)
    take_path (self, bases->pdata[bases->len - 1]);
  if (!read_parts (self, bases))
    return FALSE;
  if (self->parts->len == 0)
    return TRUE;

  drop_ins = runconf_files_find_drop_ins (self->folders, sources[self->source].drop_ins,
                                          RUNCONF_DEFAULTS_SUFFIX, &self->error);

  return read_parts (self, drop_ins);
}

static gboolean
read_schema (RunconfdSourceFile *self)
{
  RunconfLayerPath *found;
  g_autoptr (RunconfLayerPath) place = NULL;
  RunconfSignature signature;

  if (!runconf_files_find (self->folders, sources[self->source].name, &found, &self->error))
    return FALSE;

  place = found;
  if (place == NULL)
    return TRUE;

  take_path (self, place);

  return read_part (self, place, &signature);
}

static gboolean
read_locks (RunconfdSourceFile *self)
{
  g_autoptr (GPtrArray) files = runconf_files_find_each (
      self->folders, sources[self->source].name, sources[self->source].drop_ins, &self->error);

  if (files != NULL && files->len > 0)
    take_path (self, files->pdata[files->len - 1]);

  return read_parts (self, files);
}

static gboolean
read_in_folders (RunconfdSourceFile *self)
{
  static gboolean (*const read[RUNCONFD_N_SOURCES]) (RunconfdSourceFile * self) = {
    [RUNCONFD_SOURCE_DEFAULTS] = read_defaults,
    [RUNCONFD_SOURCE_SCHEMA] = read_schema,
    [RUNCONFD_SOURCE_LOCKS] = read_locks,
  };

  return read[self->source](self);
}

/**
 * runconfd_source_file_read:
 *
 * Reads the current contents of the file. It blocks. Contents that a process is still writing are
 * left out.
 */
void
runconfd_source_file_read (RunconfdSourceFile *self)
{
  /* a broken text is recognized, except in the file of locks */
  gboolean is_yaml = self->source != RUNCONFD_SOURCE_LOCKS;
  gboolean is_read = self->folders != NULL ? read_in_folders (self) : read_alone (self);
  gboolean is_other = is_read && !is_same (self->parts, self->known);

  if (!is_read)
    g_ptr_array_set_size (self->parts, 0);
  self->is_held
      = is_other
        && runconf_patience_wait (&self->patience, g_get_monotonic_time (), self->writer,
                                  &self->written, self->written_text, is_yaml ? self->path : NULL);
  self->is_changed = is_other && !self->is_held;
}

/**
 * runconfd_source_file_get_text:
 *
 * Returns: (transfer none) (nullable): the text of the file itself; %NULL if there is none
 */
GBytes *
runconfd_source_file_get_text (const RunconfdSourceFile *self)
{
  return self->parts->len > 0 ? ((RunconfdPart *) self->parts->pdata[0])->text : NULL;
}

/**
 * runconfd_source_file_take:
 * @read: the file as read
 *
 * Makes the contents that were read the known ones.
 */
void
runconfd_source_file_take (RunconfdSourceFile *self, const RunconfdSourceFile *read)
{
  g_ptr_array_unref (self->known);
  self->known = g_ptr_array_ref (read->parts);
  g_free (self->path);
  self->path = g_strdup (read->path);
}

/* Returns: (nullable): the part that is the file of @part */
static const RunconfdPart *
find_part (GPtrArray *parts, const RunconfdPart *part)
{
  for (guint i = 0; i < parts->len; i++)
    {
      const RunconfdPart *other = parts->pdata[i];

      if (strcmp (other->path, part->path) == 0)
        return other;
    }

  return NULL;
}

/**
 * runconfd_source_file_foreach_change:
 * @func: called for each file that was added, changed or removed
 */
void
runconfd_source_file_foreach_change (const RunconfdSourceFile *self, RunconfdPartFunc func,
                                     gpointer user_data)
{
  for (guint i = 0; i < self->parts->len; i++)
    {
      const RunconfdPart *part = self->parts->pdata[i];
      const RunconfdPart *before = find_part (self->known, part);

      if (before == NULL || !is_same_part (before, part))
        func (part, FALSE, user_data);
    }

  for (guint i = 0; i < self->known->len; i++)
    {
      const RunconfdPart *part = self->known->pdata[i];

      if (find_part (self->parts, part) == NULL)
        func (part, TRUE, user_data);
    }
}
