/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/sources/load.h"

#include "service/base/room.h"

void
runconfd_load_free (RunconfdLoad *self)
{
  for (guint i = 0; i < RUNCONFD_N_SIDES; i++)
    runconfd_side_file_clear (&self->sides[i]);
  g_clear_pointer (&self->folders, g_ptr_array_unref);
  g_clear_pointer (&self->defaults, runconfd_defaults_unref);
  g_clear_pointer (&self->schema, runconfd_schema_unref);
  g_clear_pointer (&self->locks, runconfd_locks_unref);

  g_object_unref (self->store);
  g_free (self->runtime_path);
  g_clear_pointer (&self->known_stamp, g_bytes_unref);
  g_clear_pointer (&self->text, g_bytes_unref);
  g_clear_pointer (&self->stamp, g_bytes_unref);
  g_clear_pointer (&self->document, runconf_document_unref);
  g_clear_error (&self->error);

  g_free (self);
}

static void
parse_defaults (RunconfdLoad *self, RunconfdSideFile *file)
{
  self->is_vacant = file->found == NULL && file->folders != NULL;
  if (file->found == NULL)
    g_set_error (&file->error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED,
                 "%s: there is no such file: it has to hold the defaults", file->path);
  else
    self->defaults = runconfd_defaults_new (file->parts, &file->error);
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
parse_schema (RunconfdLoad *self, RunconfdSideFile *file)
{
  GBytes *text = runconfd_side_file_get_text (file);
  g_autoptr (RunconfDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *where = NULL;

  if (text != NULL)
    document = runconfd_room_read (text, file->path, &file->error);
  if (document == NULL || runconf_document_is_empty (document))
    return;

  self->schema = runconfd_schema_new (runconf_document_get_root (document), &where, &error);
  if (self->schema == NULL)
    set_error_at (&file->error, document, file->path, where != NULL ? where : "", error);
}

static void
parse_locks (RunconfdLoad *self, RunconfdSideFile *file)
{
  GBytes *text = runconfd_side_file_get_text (file);

  if (text != NULL)
    self->locks = runconfd_locks_new (text, file->path);
}

/* Defaults are needed; without a schema and locks there are simply no rules. */
static gboolean
is_needed (RunconfdSide side)
{
  return side == RUNCONFD_SIDE_DEFAULTS;
}

static void
load_side (RunconfdLoad *self, RunconfdSide side)
{
  static void (*const parse[RUNCONFD_N_SIDES]) (RunconfdLoad * self, RunconfdSideFile * file) = {
    [RUNCONFD_SIDE_DEFAULTS] = parse_defaults,
    [RUNCONFD_SIDE_SCHEMA] = parse_schema,
    [RUNCONFD_SIDE_LOCKS] = parse_locks,
  };
  RunconfdSideFile *file = &self->sides[side];

  runconfd_side_file_read (file, side != RUNCONFD_SIDE_LOCKS);
  self->has_held_side = self->has_held_side || file->is_held;
  if (file->is_held)
    return;
  if (file->is_changed || (file->found == NULL && is_needed (side) && file->error == NULL))
    parse[side](self, file);
  if (file->error != NULL)
    file->is_changed = FALSE;
}

/* A missing folder, unmounted or replaced just now, doesn't mean that the file was removed. */
static gboolean
is_folder_missed (RunconfdLoad *self)
{
  g_autofree char *folder = g_path_get_dirname (self->runtime_path);

  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return FALSE;

  return !self->makes_folder
         || (self->known_stamp != NULL && !g_bytes_equal (self->known_stamp, self->stamp));
}

/* A text for which memory is missing may be valid: it counts as unreadable. */
static void
read_runtime (RunconfdLoad *self)
{
  g_autoptr (RunconfdRoom) room
      = runconfd_room_new (self->text, RUNCONFD_READ_VALUE_BYTES, self->runtime_path, &self->error);

  if (room != NULL)
    self->document = runconf_document_new (self->text, self->runtime_path, &self->error);
  else
    g_clear_pointer (&self->text, g_bytes_unref);
}

static void
load_runtime (RunconfdLoad *self)
{
  if (!runconf_store_load (self->store, &self->text, &self->stamp, &self->error))
    return;

  if (self->text == NULL && is_folder_missed (self))
    {
      g_clear_pointer (&self->stamp, g_bytes_unref);
      g_set_error (&self->error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_UNREADABLE,
                   "%s: its folder doesn't exist: create or restore it", self->runtime_path);
      return;
    }

  self->runtime_changed
      = self->known_stamp == NULL || !g_bytes_equal (self->stamp, self->known_stamp);
  if (self->runtime_changed && self->text != NULL)
    read_runtime (self);
}

void
runconfd_load_run (RunconfdLoad *self)
{
  for (guint i = 0; self->folders != NULL && i < self->folders->len; i++)
    runconf_watcher_look (self->folders->pdata[i]);
  for (guint i = 0; i < RUNCONFD_N_SIDES; i++)
    load_side (self, i);
  load_runtime (self);
}
