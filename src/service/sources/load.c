/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/sources/load.h"

#include <string.h>

#include "service/base/room.h"
#include "store/directory.h"

static void
clear_text (RunconfdTextLoad *self)
{
  g_clear_object (&self->store);
  g_clear_object (&self->watcher);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->known_stamp, g_bytes_unref);
  g_clear_pointer (&self->text, g_bytes_unref);
  g_clear_pointer (&self->stamp, g_bytes_unref);
  g_clear_pointer (&self->document, runconf_document_unref);
  g_clear_error (&self->error);
}

void
runconfd_load_free (RunconfdLoad *self)
{
  for (guint i = 0; i < RUNCONFD_N_SOURCES; i++)
    runconfd_source_file_clear (&self->sources[i]);
  g_clear_pointer (&self->folders, g_ptr_array_unref);
  g_clear_pointer (&self->known_stack, runconf_stack_unref);
  g_clear_pointer (&self->known_locks, runconf_locks_unref);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->stack, runconf_stack_unref);
  g_clear_pointer (&self->schema, runconf_schema_unref);
  g_clear_pointer (&self->locks, runconf_locks_unref);

  clear_text (&self->overrides);
  clear_text (&self->boot);

  g_free (self);
}

/**
 * runconfd_text_load_is_held:
 *
 * Returns: whether another process is writing the text, so that it counts as the known one
 */
gboolean
runconfd_text_load_is_held (const RunconfdTextLoad *self)
{
  return g_error_matches (self->error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_BUSY);
}

/* Returns: (transfer none) (nullable): the last good content of the file of @part */
static RunconfLayerFile *
find_known (const RunconfdLoad *self, const RunconfdPart *part)
{
  GPtrArray *files = self->known_stack != NULL ? runconf_stack_get_files (self->known_stack) : NULL;

  for (guint i = 0; files != NULL && i < files->len; i++)
    {
      RunconfLayerFile *file = files->pdata[i];

      if (file->layer == part->layer && file->replaced_by == part->replaced_by
          && strcmp (file->path, part->path) == 0)
        return file;
    }

  return NULL;
}

/* Returns: (transfer full) (nullable): the file of @part; its last good content if it is broken, and
 * %NULL if there is none
 */
static RunconfLayerFile *
read_file (RunconfdLoad *self, const RunconfdPart *part, GError **error)
{
  RunconfLayerFile *known = find_known (self, part);
  g_autoptr (RunconfDocument) document = NULL;

  if (known != NULL && g_bytes_equal (runconf_document_get_text (known->document), part->text))
    return runconf_layer_file_ref (known);

  document = runconfd_room_read (part->text, part->path, error);
  if (document != NULL)
    return runconf_layer_file_new (part->layer, part->path, part->replaced_by, document);

  return known != NULL ? runconf_layer_file_ref (known) : NULL;
}

static void
parse_defaults (RunconfdLoad *self, RunconfdSourceFile *file)
{
  g_autoptr (GPtrArray) files = runconf_layer_files_new ();

  self->is_vacant = file->parts->len == 0 && file->folders != NULL;
  if (file->parts->len == 0)
    {
      g_set_error (&file->error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED,
                   "%s: there is no such file: it has to hold the defaults", file->path);
      return;
    }

  for (guint i = 0; i < file->parts->len; i++)
    {
      const RunconfdPart *part = file->parts->pdata[i];
      RunconfLayerFile *one = read_file (self, part, file->error == NULL ? &file->error : NULL);

      if (one != NULL)
        g_ptr_array_add (files, one);
      else if (part->replaced_by == RUNCONF_N_LAYERS)
        return;
    }
  self->files = g_steal_pointer (&files);
}

/* Sets an error that names a place in the text. */
static void
set_error_at (GError **error, RunconfDocument *document, const char *file, const char *pointer,
              const GError *cause)
{
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);
  g_autofree char *name = g_filename_display_name (file);
  guint line, column;

  if (path != NULL && runconf_document_locate (document, path, &line, &column))
    g_set_error (error, cause->domain, cause->code, "%s:%u:%u: %s", name, line, column,
                 cause->message);
  else
    g_set_error (error, cause->domain, cause->code, "%s: %s", name, cause->message);
}

static void
parse_schema (RunconfdLoad *self, RunconfdSourceFile *file)
{
  GBytes *text = runconfd_source_file_get_text (file);
  g_autoptr (RunconfDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *where = NULL;

  if (text != NULL)
    document = runconfd_room_read (text, file->path, &file->error);
  if (document == NULL || runconf_document_is_empty (document))
    return;

  self->schema = runconf_schema_new (runconf_document_get_root (document), &where, &error);
  if (self->schema == NULL)
    set_error_at (&file->error, document, file->path, where != NULL ? where : "", error);
}

static void
parse_locks (RunconfdLoad *self, RunconfdSourceFile *file)
{
  self->locks = runconf_locks_new ();
  for (guint i = 0; i < file->parts->len; i++)
    {
      const RunconfdPart *part = file->parts->pdata[i];

      runconf_locks_add (self->locks, part->layer, part->path, part->text);
    }
}

/* Defaults are needed; without a schema and locks there are simply no rules. */
static gboolean
is_needed (RunconfdSource source)
{
  return source == RUNCONFD_SOURCE_DEFAULTS;
}

static void
load_source (RunconfdLoad *self, RunconfdSource source)
{
  static void (*const parse[RUNCONFD_N_SOURCES]) (RunconfdLoad * self, RunconfdSourceFile * file)
      = {
          [RUNCONFD_SOURCE_DEFAULTS] = parse_defaults,
          [RUNCONFD_SOURCE_SCHEMA] = parse_schema,
          [RUNCONFD_SOURCE_LOCKS] = parse_locks,
        };
  RunconfdSourceFile *file = &self->sources[source];

  runconfd_source_file_read (file);
  self->has_held_source = self->has_held_source || file->is_held;
  if (file->is_held)
    return;
  if (file->is_changed || (file->parts->len == 0 && is_needed (source) && file->error == NULL))
    parse[source](self, file);
  if (file->error != NULL)
    file->is_changed = FALSE;
}

static gboolean
are_same (GPtrArray *files, GPtrArray *others)
{
  if (files->len != others->len)
    return FALSE;

  for (guint i = 0; i < files->len; i++)
    {
      if (files->pdata[i] != others->pdata[i])
        return FALSE;
    }

  return TRUE;
}

/* Locks decide which values of the files count, so both make a new stack. */
static void
make_stack (RunconfdLoad *self)
{
  gboolean has_new_locks = self->sources[RUNCONFD_SOURCE_LOCKS].is_changed;
  GPtrArray *known = self->known_stack != NULL ? runconf_stack_get_files (self->known_stack) : NULL;
  GPtrArray *files = self->files != NULL ? self->files : known;

  if (files == NULL || (known != NULL && !has_new_locks && are_same (files, known)))
    return;

  self->stack = runconf_stack_new (files, has_new_locks ? self->locks : self->known_locks);
}

/* A missing folder, unmounted or replaced just now, doesn't mean that the file was removed. The folder
 * of the overrides for this boot is no mount point, and may go at any time.
 */
static gboolean
needs_folder (RunconfdLoad *self, const RunconfdTextLoad *text)
{
  if (text->layer == RUNCONF_LAYER_BOOT)
    return FALSE;

  return !self->makes_folder
         || (text->known_stamp != NULL && !g_bytes_equal (text->known_stamp, text->stamp));
}

/* A text for which memory is missing may be valid: it counts as unreadable. */
static void
read_text (RunconfdTextLoad *self)
{
  g_autoptr (RunconfdRoom) room
      = runconfd_room_new (self->text, RUNCONFD_READ_VALUE_BYTES, self->path, &self->error);

  if (room != NULL)
    self->document = runconf_document_new (self->text, self->path, &self->error);
  else
    g_clear_pointer (&self->text, g_bytes_unref);
}

static void
load_text (RunconfdLoad *self, RunconfdTextLoad *text)
{
  if (text->watcher != NULL)
    runconf_watcher_look (text->watcher);
  if (text->store == NULL
      || !runconf_store_load (text->store, &text->text, &text->stamp, &text->error))
    return;

  if (text->text == NULL && needs_folder (self, text)
      && !runconf_directory_require (text->path, &text->error))
    {
      g_clear_pointer (&text->stamp, g_bytes_unref);
      return;
    }

  text->is_changed = text->known_stamp == NULL || !g_bytes_equal (text->stamp, text->known_stamp);
  if (text->is_changed && text->text != NULL)
    read_text (text);
}

void
runconfd_load_run (RunconfdLoad *self)
{
  for (guint i = 0; self->folders != NULL && i < self->folders->len; i++)
    runconf_watcher_look (self->folders->pdata[i]);
  for (guint i = 0; i < RUNCONFD_N_SOURCES; i++)
    load_source (self, i);
  make_stack (self);
  load_text (self, &self->overrides);
  load_text (self, &self->boot);
}
