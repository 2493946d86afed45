/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/load.h"

#include "store/text-file.h"

void
runconfd_load_free (RunconfdLoad *self)
{
  g_free (self->defaults_path);
  g_object_unref (self->defaults_watcher);
  g_clear_pointer (&self->known_defaults, g_bytes_unref);
  g_clear_pointer (&self->defaults, runconf_document_unref);
  g_clear_error (&self->defaults_error);

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
load_defaults (RunconfdLoad *self)
{
  RunconfSignature signature;
  g_autoptr (GBytes) text = NULL;
  gint64 now = g_get_real_time ();
  gboolean is_read = runconf_text_file_read (self->defaults_path, &text, &signature, NULL,
                                             &self->defaults_error);

  if (!is_read)
    runconf_signature_take (&signature, self->defaults_path);
  runconf_watcher_set_known (self->defaults_watcher, &signature, now);
  if (!is_read)
    return;

  if (text == NULL)
    {
      g_set_error (&self->defaults_error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED,
                   "%s: there is no such file: it has to hold the defaults", self->defaults_path);
      return;
    }

  if (self->known_defaults != NULL && g_bytes_equal (text, self->known_defaults))
    return;

  self->defaults = runconf_document_new (text, self->defaults_path, &self->defaults_error);
  self->defaults_changed = self->defaults != NULL;
}

/* A folder that is gone, with its mount or for a moment, says nothing of the file. */
static gboolean
has_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return g_file_test (folder, G_FILE_TEST_IS_DIR);
}

static void
load_runtime (RunconfdLoad *self)
{
  if (!runconf_store_load (self->store, &self->text, &self->stamp, &self->error))
    return;

  if (self->text == NULL && !has_folder (self->runtime_path))
    {
      g_clear_pointer (&self->stamp, g_bytes_unref);
      g_set_error (&self->error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_UNREADABLE,
                   "%s: its folder isn't there: make it, or bring it back", self->runtime_path);
      return;
    }

  self->runtime_changed
      = self->known_stamp == NULL || !g_bytes_equal (self->stamp, self->known_stamp);
  if (self->runtime_changed && self->text != NULL)
    self->document = runconf_document_new (self->text, self->runtime_path, &self->error);
}

void
runconfd_load_run (RunconfdLoad *self)
{
  load_defaults (self);
  load_runtime (self);
}
