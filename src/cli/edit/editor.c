/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/edit/editor.h"

#include <signal.h>

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "cli/edit/holder.h"
#include "cli/edit/rescue.h"
#include "cli/session/scratch.h"
#include "cli/session/text.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"

/* a shell adds this to the number of a signal */
#define FIRST_SIGNAL 128

struct _CliEditor
{
  char *command; /* in the syntax of a shell */
  char *folder;
  gboolean is_in_session; /* whether the folder is removed at the end of the user's session */
  char *file;
  GBytes *original; /* the first text of the file */
  gboolean is_kept;
};

/* Returns: (transfer full) (nullable): the editor, chosen in the same way as by other programs */
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

/* The text may contain secrets, so prefer a folder in memory, that of the user's session. */
static gboolean
make_folder (CliEditor *self, GError **error)
{
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *template = NULL;

  if (runtime != NULL && g_access (runtime, W_OK) == 0)
    {
      template = g_build_filename (runtime, "runconf-XXXXXX", NULL);
      self->is_in_session = g_mkdtemp_full (template, 0700) != NULL;
    }

  self->folder = self->is_in_session ? g_steal_pointer (&template)
                                     : g_dir_make_tmp ("runconf-XXXXXX", error);

  return self->folder != NULL;
}

/* Returns: (transfer full): the location of the text, for a message */
static char *
describe_place (CliEditor *self)
{
  return g_strdup_printf (self->is_in_session ? _ ("your text is kept in %s until you log out")
                                              : _ ("your text is kept in %s"),
                          self->file);
}

static void
begin_rescue (CliEditor *self)
{
  g_autofree char *place = describe_place (self);
  g_autofree char *line = g_strconcat ("runconf: ", place, NULL);
  g_autofree char *shown = cli_escape_controls (line);

  cli_rescue_begin (shown);
}

/**
 * cli_editor_new:
 * @command: (nullable): the editor, in the syntax of a shell; by default $VISUAL, $EDITOR or the
 *   usual programs
 * @name: the name of the file, from which editors derive the file type
 * @text: the text to edit
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

  if (!make_folder (self, error))
    return NULL;

  self->file = g_build_filename (self->folder, name, NULL);
  self->original = g_bytes_ref (text);
  if (!cli_editor_write (self, text, error))
    return NULL;

  begin_rescue (self);

  return g_steal_pointer (&self);
}

void
cli_editor_free (CliEditor *self)
{
  cli_rescue_end ();
  if (self->folder != NULL && !self->is_kept)
    cli_scratch_remove (self->folder);
  g_free (self->command);
  g_free (self->folder);
  g_free (self->file);
  g_clear_pointer (&self->original, g_bytes_unref);
  g_free (self);
}

/**
 * cli_editor_write:
 *
 * Replaces the text in the file.
 *
 * Returns: %FALSE with an error
 */
gboolean
cli_editor_write (CliEditor *self, GBytes *text, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (text, &size);

  return g_file_set_contents_full (self->file, data != NULL ? data : "", (gssize) size,
                                   G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

/* Returns: (transfer full) (nullable): the text that the file holds, %NULL if it can't be read */
static GBytes *
read_file (CliEditor *self)
{
  char *data;
  gsize size;

  return g_file_get_contents (self->file, &data, &size, NULL) ? g_bytes_new_take (data, size)
                                                              : NULL;
}

static gboolean
has_other_files (CliEditor *self)
{
  g_autoptr (GDir) folder = g_dir_open (self->folder, 0, NULL);
  g_autofree char *own = g_path_get_basename (self->file);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      if (!g_str_equal (name, own))
        return TRUE;
    }

  return FALSE;
}

/**
 * cli_editor_has_work:
 *
 * Returns: whether the file has another text than at first, or can't be read; or the editor left a
 *   file of its own, such as a recovery file, or is still running
 */
gboolean
cli_editor_has_work (CliEditor *self)
{
  g_autoptr (GBytes) text = read_file (self);

  if (text == NULL && g_file_test (self->file, G_FILE_TEST_EXISTS))
    return TRUE;

  return (text != NULL && !g_bytes_equal (text, self->original)) || has_other_files (self)
         || cli_holder_find (self->folder) != 0;
}

/**
 * cli_editor_keep:
 *
 * Keeps the file beyond the end of this process, so that no work is lost, and also beyond the end
 * of the session if the terminal is gone.
 *
 * Returns: (transfer full): the location of the file, as the end of a message
 */
char *
cli_editor_keep (CliEditor *self)
{
  g_autofree char *name = g_path_get_basename (self->file);
  char *moved = NULL;

  self->is_kept = TRUE;
  if (self->is_in_session && cli_rescue_is_hung_up ())
    moved = cli_scratch_move (self->folder);
  if (moved != NULL)
    {
      self->is_in_session = FALSE;
      g_free (self->folder);
      self->folder = moved;
      g_free (self->file);
      self->file = g_build_filename (moved, name, NULL);
    }

  return describe_place (self);
}

/* Returns: the status as in a shell: above FIRST_SIGNAL if a signal ended the editor, which the
 * shell that runs the editor reports in the same form
 */
static int
get_status (GSubprocess *child)
{
  return g_subprocess_get_if_signaled (child) ? FIRST_SIGNAL + g_subprocess_get_term_sig (child)
                                              : g_subprocess_get_exit_status (child);
}

static gboolean
wait_for (CliEditor *self, GSubprocess *child, GError **error)
{
  int status;

  if (!g_subprocess_wait (child, NULL, error))
    return FALSE;

  if (g_subprocess_get_successful (child))
    return TRUE;

  status = get_status (child);
  if (status > FIRST_SIGNAL && status < FIRST_SIGNAL + NSIG)
    g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, _ ("the editor, %s, was ended by signal %d"),
                 self->command, status - FIRST_SIGNAL);
  else
    g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                 _ ("the editor, %s, ended with status %d: nothing was changed"), self->command,
                 status);

  return FALSE;
}

/* An editor with a window of its own may return at once, while the window stays open. */
static void
wait_for_background (CliEditor *self, GBytes *before)
{
  gboolean is_reported = FALSE;
  int pid;

  while ((pid = cli_holder_find (self->folder)) != 0)
    {
      g_autoptr (GBytes) text = read_file (self);

      if (!is_reported && (text == NULL || before == NULL || !g_bytes_equal (text, before)))
        return;
      if (!is_reported)
        cli_output_complain (
            _ ("the editor still runs in the background: runconf waits for its end"));
      is_reported = TRUE;
      cli_holder_wait (pid);
    }
}

static gboolean
run_shell (CliEditor *self, GError **error)
{
  /* the shell ignores the keys' signals while it waits, but the editor doesn't inherit its traps */
  g_autofree char *line = g_strconcat ("trap : HUP INT QUIT; ", self->command, " \"$1\"", NULL);
  g_autoptr (GSubprocess) child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_INHERIT, error, "sh",
                                                    "-c", line, "sh", self->file, NULL);

  return child != NULL && wait_for (self, child, error);
}

/**
 * cli_editor_run:
 *
 * Runs the editor, and waits for its end. Meanwhile the keys of the terminal are for the editor.
 *
 * Returns: (transfer full): the new text, or %NULL with an error if the editor failed
 */
GBytes *
cli_editor_run (CliEditor *self, GError **error)
{
  g_autoptr (GBytes) before = read_file (self);
  gboolean is_done;

  cli_rescue_set_editing (TRUE);
  is_done = run_shell (self, error);
  cli_rescue_set_editing (FALSE);
  if (!is_done)
    return NULL;

  wait_for_background (self, before);

  return cli_text_read (self->file, error);
}
