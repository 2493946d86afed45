/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/offline.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "cli/session/place.h"
#include "cli/terminal/failure.h"
#include "core/error.h"

/* Files are handled by the service's own program. It is started as a child for as long as the
 * command runs, with a pair of sockets as its connection. So the same code reads, checks, locks and
 * writes files, with and without a running service.
 */

/* the descriptor of the socket in the child */
#define PEER_FD 3

struct _CliOffline
{
  CliPlace place;
  GSubprocess *child;
  GDBusConnection *connection;
  int log; /* the standard error of the child */
};

/* Runs in the child, between fork() and exec(). The child has a session of its own, since keys on
 * the terminal are for the command, or for its editor; the child ends when the command closes the
 * connection. Root's child takes the identity of the folder's owner.
 */
static void
set_up_child (gpointer data)
{
  const CliPlace *self = data;

  setsid ();
  if (geteuid () != 0 || self->uid == 0)
    return;

  if (setgroups (0, NULL) != 0 || setresgid (self->gid, self->gid, self->gid) != 0
      || setresuid (self->uid, self->uid, self->uid) != 0)
    _exit (126);
}

static const char *
get_daemon (void)
{
  const char *daemon = g_getenv ("RUNCONF_DAEMON");

  return daemon != NULL && *daemon != '\0' ? daemon : RUNCONF_DAEMON;
}

static char **
make_command (const CliPlace *self)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  char **command;

  g_strv_builder_add_many (builder, get_daemon (), "--peer", G_STRINGIFY (PEER_FD), "--name",
                           self->name, NULL);
  if (self->root != NULL)
    g_strv_builder_add_many (builder, "--root", self->root, NULL);
  else
    g_strv_builder_add_many (builder, "--defaults", self->defaults, "--runtime", self->file, NULL);
  command = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);

  return command;
}

static gboolean
spawn (CliOffline *self, int peer, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_auto (GStrv) command = make_command (&self->place);

  self->log = memfd_create ("runconfd", MFD_CLOEXEC);
  if (self->log < 0)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, _ ("%s can't be started: %s"), command[0],
                   g_strerror (errno));
      g_close (peer, NULL);
      return FALSE;
    }

  g_subprocess_launcher_take_fd (launcher, peer, PEER_FD);
  g_subprocess_launcher_take_stderr_fd (launcher, dup (self->log));
  g_subprocess_launcher_set_child_setup (launcher, set_up_child, &self->place, NULL);
  self->child = g_subprocess_launcher_spawnv (launcher, (const char *const *) command, error);

  return self->child != NULL;
}

/* Returns: (transfer full): the log of the child, in valid UTF-8 */
static char *
read_log (CliOffline *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[4096];
  gssize length;

  lseek (self->log, 0, SEEK_SET);
  while ((length = read (self->log, buffer, sizeof buffer)) > 0)
    g_string_append_len (text, buffer, length);

  return g_utf8_make_valid (text->str, (gssize) text->len);
}

/* In the log, GLib puts the program, the log level and the time before a message.
 * Returns: (transfer none) (nullable): the start of the message in a line that reports a problem
 */
static const char *
find_complaint (const char *line)
{
  static const char own[] = "runconfd: ";
  const char *level = strstr (line, "WARNING **: ");
  const char *message;

  if (g_str_has_prefix (line, own))
    return line + strlen (own);

  if (level == NULL)
    level = strstr (line, "CRITICAL **: ");
  if (level == NULL)
    return NULL;

  message = strstr (level, ": ") + 2;
  if (g_ascii_isdigit (*message))
    message = strstr (message, ": ") != NULL ? strstr (message, ": ") + 2 : message;

  return message;
}

/* Returns: (transfer full): the problems that the child logged, a line each; empty if there are
 * none
 */
static char *
read_complaints (CliOffline *self)
{
  g_autofree char *text = read_log (self);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) complaints = g_string_new (NULL);

  for (char **line = lines; *line != NULL; line++)
    {
      const char *complaint = find_complaint (*line);

      if (complaint != NULL)
        g_string_append_printf (complaints, "%s%s", complaints->len > 0 ? "\n" : "", complaint);
    }

  return g_string_free (g_steal_pointer (&complaints), FALSE);
}

/* Sets an error with the problems that the child logged before it ended. */
static void
take_refusal (CliOffline *self, const GError *failure, GError **error)
{
  g_autofree char *said = NULL;

  g_subprocess_wait (self->child, NULL, NULL);
  said = read_complaints (self);
  if (*said != '\0')
    g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s", said);
  else
    g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, _ ("%s doesn't reply: %s"), get_daemon (),
                 failure->message);
}

static GDBusConnection *
connect_to (int fd, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, error);
  g_autoptr (GSocketConnection) stream = NULL;

  if (socket == NULL)
    {
      g_close (fd, NULL);
      return NULL;
    }

  stream = g_socket_connection_factory_create_connection (socket);

  return g_dbus_connection_new_sync (
      G_IO_STREAM (stream), NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, error);
}

static gboolean
start (CliOffline *self, GError **error)
{
  g_autoptr (GError) failure = NULL;
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, _ ("%s can't be started: %s"), get_daemon (),
                   g_strerror (errno));
      return FALSE;
    }

  if (!spawn (self, ends[1], error))
    {
      g_close (ends[0], NULL);
      return FALSE;
    }

  self->connection = connect_to (ends[0], &failure);
  if (self->connection == NULL)
    take_refusal (self, failure, error);

  return self->connection != NULL;
}

/**
 * cli_offline_new:
 * @file: the file of the overrides
 * @defaults: (nullable): the file of the defaults; by default the one that the overrides name, or
 *   `config.yaml` beside them
 * @name: (nullable): the name of the configuration
 *
 * Starts a service for the file.
 *
 * Returns: (transfer full): the service, or %NULL with an error
 */
CliOffline *
cli_offline_new (const char *file, const char *defaults, const char *name, GError **error)
{
  g_autoptr (CliOffline) self = g_new0 (CliOffline, 1);

  self->log = -1;
  cli_place_find (&self->place, file, defaults, name);

  return start (self, error) ? g_steal_pointer (&self) : NULL;
}

void
cli_offline_free (CliOffline *self)
{
  g_clear_object (&self->connection);
  g_clear_object (&self->child);
  if (self->log >= 0)
    g_close (self->log, NULL);
  cli_place_clear (&self->place);
  g_free (self);
}

GDBusConnection *
cli_offline_get_connection (CliOffline *self)
{
  return self->connection;
}

const char *
cli_offline_get_name (CliOffline *self)
{
  return self->place.name;
}

/**
 * cli_offline_close:
 *
 * Ends the service, and waits until all changes are on disk.
 *
 * Returns: (transfer full): the problems that the service logged, a line each; empty if there are
 *   none
 */
char *
cli_offline_close (CliOffline *self)
{
  g_dbus_connection_close_sync (self->connection, NULL, NULL);
  g_subprocess_wait (self->child, NULL, NULL);

  return read_complaints (self);
}

/**
 * cli_offline_is_served_by_others:
 *
 * Ends the service, and checks whether another one holds the lock of the file.
 */
gboolean
cli_offline_is_served_by_others (CliOffline *self)
{
  g_autofree char *folder = g_path_get_dirname (self->place.file);
  g_autofree char *base = g_path_get_basename (self->place.file);
  g_autofree char *lock = g_strdup_printf ("%s/.%s.lock", folder, base);
  int fd = open (lock, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  gboolean is_served;

  g_free (cli_offline_close (self));
  if (fd < 0)
    return FALSE;

  is_served = flock (fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  g_close (fd, NULL);

  return is_served;
}
