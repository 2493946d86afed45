/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "cli/failure.h"
#include "cli/scratch.h"
#include "cli/text.h"

struct _CliEditor
{
  char *command; /* as a shell reads it */
  char *folder;
  char *file;
  GBytes *written; /* the text that was put into the file */
  gboolean is_kept;
};

/* Returns: (transfer full) (nullable): what edits, as others find it too */
static char *
find_command (const char *wanted)
{
  static const char *const variables[] = { "VISUAL", "EDITOR" };
  static const char *const programs[] = { "editor", "vi" };

  if (wanted != NULL)
    return g_strdup (wanted);

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      const char *value = g_getenv (variables[i]);

      if (value != NULL && *value != '\0')
        return g_strdup (value);
    }

  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *path = g_find_program_in_path (programs[i]);

      if (path != NULL)
        return g_strdup (programs[i]);
    }

  return NULL;
}

/* There may be secrets in the text, so that it is better kept in memory, where the session of a user
 * has a folder for it.
 */
static char *
make_folder (GError **error)
{
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *template = NULL;

  if (runtime != NULL && g_access (runtime, W_OK) == 0)
    {
      template = g_build_filename (runtime, "runconf-XXXXXX", NULL);
      if (g_mkdtemp_full (template, 0700) != NULL)
        return g_steal_pointer (&template);
    }

  return g_dir_make_tmp ("runconf-XXXXXX", error);
}

/**
 * cli_editor_new:
 * @command: (nullable): what edits, as a shell reads it; $VISUAL, $EDITOR or the usual ones if it
 *   isn't given
 * @name: of the file, by which editors know what is in it
 * @text: what it is to hold
 *
 * Returns: (transfer full): an editor that isn't running yet, or %NULL with an error
 */
CliEditor *
cli_editor_new (const char *command, const char *name, GBytes *text, GError **error)
{
  g_autoptr (CliEditor) self = g_new0 (CliEditor, 1);

  self->command = find_command (command);
  if (self->command == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                   _ ("there is no editor: name one in EDITOR, or with --editor"));
      return NULL;
    }

  self->folder = make_folder (error);
  if (self->folder == NULL)
    return NULL;

  self->file = g_build_filename (self->folder, name, NULL);

  return cli_editor_write (self, text, error) ? g_steal_pointer (&self) : NULL;
}

void
cli_editor_free (CliEditor *self)
{
  if (self->folder != NULL && !self->is_kept)
    cli_scratch_remove (self->folder);
  g_free (self->command);
  g_free (self->folder);
  g_free (self->file);
  g_clear_pointer (&self->written, g_bytes_unref);
  g_free (self);
}

/**
 * cli_editor_write:
 *
 * Puts another text into the file.
 *
 * Returns: %FALSE with an error
 */
gboolean
cli_editor_write (CliEditor *self, GBytes *text, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (text, &size);

  g_clear_pointer (&self->written, g_bytes_unref);
  self->written = g_bytes_ref (text);

  return g_file_set_contents_full (self->file, data != NULL ? data : "", (gssize) size,
                                   G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

/**
 * cli_editor_has_work:
 *
 * Returns: whether the file was saved with another text, or the editor left a file of its own, such as
 *   one to recover from
 */
gboolean
cli_editor_has_work (CliEditor *self)
{
  g_autoptr (GDir) folder = g_dir_open (self->folder, 0, NULL);
  g_autofree char *own = g_path_get_basename (self->file);
  g_autofree char *data = NULL;
  g_autoptr (GBytes) text = NULL;
  const char *name;
  gsize size;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      if (!g_str_equal (name, own))
        return TRUE;
    }

  if (!g_file_get_contents (self->file, &data, &size, NULL))
    return FALSE;

  text = g_bytes_new_take (g_steal_pointer (&data), size);

  return !g_bytes_equal (text, self->written);
}

/**
 * cli_editor_keep:
 *
 * Has the file outlive this, so that no work is lost.
 *
 * Returns: (transfer none): where it is
 */
const char *
cli_editor_keep (CliEditor *self)
{
  self->is_kept = TRUE;

  return self->file;
}

static void
ignore (int signal_number)
{
}

/* Waits for the editor. What is typed there is for it: a handler, and no SIG_IGN, which it would
 * inherit.
 */
static gboolean
wait_for (CliEditor *self, GSubprocess *child, GError **error)
{
  const struct sigaction action = { .sa_handler = ignore, .sa_flags = SA_RESTART };
  struct sigaction interrupt, quit;
  gboolean is_done;

  sigaction (SIGINT, &action, &interrupt);
  sigaction (SIGQUIT, &action, &quit);
  is_done = g_subprocess_wait (child, NULL, error);
  sigaction (SIGINT, &interrupt, NULL);
  sigaction (SIGQUIT, &quit, NULL);
  if (!is_done)
    return FALSE;

  if (g_subprocess_get_successful (child))
    return TRUE;

  if (g_subprocess_get_if_signaled (child))
    g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, _ ("the editor, %s, was ended by signal %d"),
                 self->command, g_subprocess_get_term_sig (child));
  else
    g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                 _ ("the editor, %s, ended with status %d: nothing was changed"), self->command,
                 g_subprocess_get_exit_status (child));

  return FALSE;
}

/**
 * cli_editor_run:
 *
 * Has the file edited, and waits for it.
 *
 * Returns: (transfer full): what it holds then, or %NULL with an error if it couldn't be edited
 */
GBytes *
cli_editor_run (CliEditor *self, GError **error)
{
  /* the shell waits for the editor whatever is typed, and hands no trap on */
  g_autofree char *line = g_strconcat ("trap : INT QUIT; ", self->command, " \"$1\"", NULL);
  g_autoptr (GSubprocess) child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_INHERIT, error, "sh",
                                                    "-c", line, "sh", self->file, NULL);

  if (child == NULL || !wait_for (self, child, error))
    return NULL;

  return cli_text_read (self->file, error);
}
