/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/text.h"

#include "service/base/log.h"
#include "store/file/store.h"

static void
on_changed (RunconfdText *self)
{
  self->hooks.changed (self->hooks.user_data);
}

static void
on_late (RunconfdText *self, GBytes *late, GBytes *base)
{
  self->hooks.late (self, late, base, self->hooks.user_data);
}

/**
 * runconfd_text_init:
 * @path: (nullable): the file
 * @watch: whether the file is watched for edits by hand
 */
void
runconfd_text_init (RunconfdText *self, RunconfLayer layer, const char *path, gboolean watch,
                    const RunconfdTextHooks *hooks)
{
  self->layer = layer;
  self->path = g_strdup (path);
  self->watch = watch;
  self->hooks = *hooks;
  self->stored = runconfd_stored_new (layer);
  self->late = runconfd_late_new ();
  if (path == NULL || layer != RUNCONF_LAYER_BOOT)
    return;

  self->watcher = runconf_watcher_new (path, watch);
  g_signal_connect_swapped (self->watcher, "changed", G_CALLBACK (on_changed), self);
}

static void
drop_watcher (RunconfdText *self)
{
  if (self->watcher != NULL)
    g_signal_handlers_disconnect_by_data (self->watcher, self);
  g_clear_object (&self->watcher);
}

void
runconfd_text_clear (RunconfdText *self)
{
  drop_watcher (self);
  if (self->store != NULL)
    g_signal_handlers_disconnect_by_data (self->store, self);
  g_clear_object (&self->store);
  g_clear_pointer (&self->stored, runconfd_stored_free);
  g_clear_pointer (&self->late, runconfd_late_free);
  g_clear_pointer (&self->path, g_free);
}

/**
 * runconfd_text_open:
 *
 * Opens the store of the text, if that isn't done yet. This blocks on the file system.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_IN_USE
 */
gboolean
runconfd_text_open (RunconfdText *self, GError **error)
{
  if (self->store != NULL)
    return TRUE;

  self->store = runconf_store_new (self->path, self->watch, error);
  if (self->store == NULL)
    return FALSE;

  drop_watcher (self);
  g_signal_connect_swapped (self->store, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->store, "late", G_CALLBACK (on_late), self);

  return TRUE;
}

/**
 * runconfd_text_check:
 *
 * Returns: whether the file changed since it was last read; without a store only the watcher notices
 *   that, so that a check costs nothing
 */
RunconfFreshness
runconfd_text_check (RunconfdText *self)
{
  return self->store != NULL ? runconf_store_check (self->store) : RUNCONF_FRESH;
}

/* A store that can't be opened is reported with each load, until it can be. */
static void
open_found (RunconfdText *self)
{
  g_autofree char *folder = self->path != NULL ? g_path_get_dirname (self->path) : NULL;
  g_autoptr (GError) error = NULL;

  /* the folder may have become a link after the scan of the folders */
  if (self->store != NULL || folder == NULL || !g_file_test (folder, G_FILE_TEST_EXISTS)
      || g_file_test (folder, G_FILE_TEST_IS_SYMLINK))
    return;

  if (runconfd_text_open (self, &error))
    runconf_store_tidy (self->store, NULL);
  else
    runconfd_log (LOG_WARNING, NULL, 0, NULL, "%s", error->message);
}

/**
 * runconfd_text_prepare_load:
 *
 * Gives a load all that it needs to read the text in a thread.
 */
void
runconfd_text_prepare_load (RunconfdText *self, RunconfdTextLoad *load)
{
  open_found (self);
  load->layer = self->layer;
  load->path = g_strdup (self->path);
  load->store = self->store != NULL ? g_object_ref (self->store) : NULL;
  load->watcher = self->watcher != NULL ? g_object_ref (self->watcher) : NULL;
  load->known_stamp = runconfd_stored_ref_stamp (self->stored);
}

/**
 * runconfd_text_take_suspicion:
 *
 * To be called before the text is judged.
 *
 * Returns: whether it was broken or missing already when it was last read
 */
gboolean
runconfd_text_take_suspicion (RunconfdText *self)
{
  gboolean was_suspect = self->is_suspect;

  self->is_suspect = FALSE;

  return was_suspect;
}
