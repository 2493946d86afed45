/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/watch/runner.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "cli/terminal/failure.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "core/diff.h"
#include "yaml/json.h"

struct _CliRunner
{
  char **command;
  GSubprocess *child; /* NULL if the command isn't running */
  GPtrArray *paths;   /* the paths collected for the next run, each once */
  GHashTable *known;  /* the same paths as a set */
  guint64 version;    /* of the last change */
  gboolean is_finishing;
};

static void run_next (CliRunner *self);

/**
 * cli_runner_new:
 * @command: the name of the command and its arguments; it is borrowed
 *
 * Returns: (transfer full): a runner, or %NULL with an error if the command doesn't exist
 */
CliRunner *
cli_runner_new (char **command, GError **error)
{
  g_autofree char *program = g_find_program_in_path (command[0]);
  CliRunner *self;

  if (program == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   _ ("%s: the command doesn't exist, or can't be run"), command[0]);
      return NULL;
    }

  self = g_new0 (CliRunner, 1);
  self->command = command;
  self->paths = g_ptr_array_new_with_free_func (g_free);
  self->known = g_hash_table_new (g_str_hash, g_str_equal);

  return self;
}

void
cli_runner_free (CliRunner *self)
{
  g_clear_object (&self->child);
  g_hash_table_unref (self->known);
  g_ptr_array_unref (self->paths);
  g_free (self);
}

/* Returns: (transfer full): the collected paths as JSON, which are removed from the runner */
static char *
take_paths (CliRunner *self)
{
  g_autoptr (GPtrArray) records = cli_records_new ();
  g_autoptr (RunconfNode) list = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->paths->len; i++)
    g_ptr_array_add (records, runconf_node_new_string (self->paths->pdata[i], -1));
  list = cli_records_end (records);
  runconf_emit_json_line (text, list);
  g_string_append_c (text, '\n');

  g_hash_table_remove_all (self->known);
  g_ptr_array_set_size (self->paths, 0);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Writes the text to a file, so that the command can read it at any time, or not at all, and
 * nothing blocks.
 * Returns: a file descriptor for reading, or -1 with errno set
 */
static int
open_text (const char *text)
{
  gsize length = strlen (text);
  int fd = memfd_create ("paths", MFD_CLOEXEC);

  for (gsize written = 0; fd >= 0 && written < length;)
    {
      gssize more = write (fd, text + written, length - written);

      if (more < 0 && errno == EINTR)
        continue;
      if (more < 0)
        {
          int problem = errno;

          g_close (fd, NULL);
          errno = problem;
          return -1;
        }
      written += (gsize) more;
    }
  if (fd >= 0)
    lseek (fd, 0, SEEK_SET);

  return fd;
}

/* Reports a failed run. The command is run for the next change nevertheless. */
static void
complain (CliRunner *self, const char *message)
{
  g_autofree char *line
      /* Translators: a command, and the reason for its failure */
      = g_strdup_printf (_ ("%s: %s"), self->command[0], message);

  cli_output_complain (line);
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CliRunner *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, &error)
      && !self->is_finishing)
    complain (self, error->message);

  g_clear_object (&self->child);
  if (self->paths->len > 0 && !self->is_finishing)
    run_next (self);
}

static void
run_next (CliRunner *self)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autofree char *text = take_paths (self);
  g_autofree char *version = cli_format_number (self->version);
  g_autoptr (GError) error = NULL;
  int fd = open_text (text);

  if (fd < 0)
    {
      complain (self, g_strerror (errno));
      return;
    }

  g_subprocess_launcher_take_stdin_fd (launcher, fd);
  g_subprocess_launcher_setenv (launcher, "RUNCONF_VERSION", version, TRUE);
  self->child
      = g_subprocess_launcher_spawnv (launcher, (const char *const *) self->command, &error);
  if (self->child == NULL)
    complain (self, error->message);
  else
    g_subprocess_wait_async (self->child, NULL, on_ended, self);
}

/**
 * cli_runner_add:
 * @version: of a change
 * @deltas: (element-type RunconfDelta): the effects of the change
 *
 * Runs the command for a change: now, or after the current run.
 */
void
cli_runner_add (CliRunner *self, guint64 version, GPtrArray *deltas)
{
  self->version = version;
  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];
      char *path;

      if (g_hash_table_contains (self->known, delta->path))
        continue;
      path = g_strdup (delta->path);
      g_ptr_array_add (self->paths, path);
      g_hash_table_add (self->known, path);
    }

  if (self->child == NULL && !self->is_finishing)
    run_next (self);
}

/* Returns: whether a key on the terminal sends its signal to the command as well as to this process
 */
static gboolean
shares_terminal (void)
{
  return isatty (STDIN_FILENO) && tcgetpgrp (STDIN_FILENO) == getpgrp ();
}

/**
 * cli_runner_forward:
 *
 * Sends a signal to the command, if it is running.
 */
void
cli_runner_forward (CliRunner *self, int signal_number)
{
  if (self->child != NULL && !(signal_number == SIGINT && shares_terminal ()))
    g_subprocess_send_signal (self->child, signal_number);
}

/**
 * cli_runner_finish:
 *
 * Waits for the end of the current run, if there is one. No other run is started.
 */
void
cli_runner_finish (CliRunner *self)
{
  self->is_finishing = TRUE;
  while (self->child != NULL)
    g_main_context_iteration (NULL, TRUE);
}
