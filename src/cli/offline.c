/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/offline.h"

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

#include "cli/failure.h"
#include "core/error.h"
#include "core/metadata.h"
#include "yaml/document.h"

/* Work on files is done by the service's own program, which is started for as long as the command
 * runs and talks with it over a pair of sockets. So files are read, checked, locked and written by
 * the same code, whether there is a service or not.
 */

/* which descriptor the child finds its end at */
#define PEER_FD 3

#define DEFAULTS_FILE "config.yaml"
#define OVERRIDES_FILE "runtime_config.yaml"
#define STATE_FOLDER "/var/lib/runconf"
#define DEFAULT_NAME "default"

/* Where the files are, and as whom the child works. */
typedef struct
{
  char *file;
  char *defaults; /* NULL with a root */
  char *root;     /* NULL without folders */
  char *name;
  uid_t uid;
  gid_t gid;
} Place;

struct _CliOffline
{
  Place place;
  GSubprocess *child;
  GDBusConnection *connection;
  int log; /* what the child says */
};

static void
place_clear (Place *self)
{
  g_free (self->file);
  g_free (self->defaults);
  g_free (self->root);
  g_free (self->name);
}

/* Whether the file is where a service of the system would have it: ROOT/var/lib/runconf/NAME/. */
static gboolean
find_root (Place *self)
{
  g_autofree char *base = g_path_get_basename (self->file);
  g_autofree char *folder = g_path_get_dirname (self->file);
  g_autofree char *name = g_path_get_basename (folder);
  g_autofree char *parent = g_path_get_dirname (folder);

  if (strcmp (base, OVERRIDES_FILE) != 0 || !g_str_has_suffix (parent, STATE_FOLDER))
    return FALSE;

  self->root = g_strndup (parent, strlen (parent) - strlen (STATE_FOLDER));
  if (*self->root == '\0')
    {
      g_free (self->root);
      self->root = g_strdup ("/");
    }
  g_free (self->name);
  self->name = g_steal_pointer (&name);

  return TRUE;
}

/* Returns: (transfer full) (nullable): which defaults the overrides say they belong to */
static char *
read_defaults_path (const char *file)
{
  g_autofree char *text = NULL;
  g_autoptr (RunconfNode) root = NULL;
  gsize length;

  if (!g_file_get_contents (file, &text, &length, NULL))
    return NULL;

  root = runconf_read_value (text, (gssize) length, file, NULL);
  if (root == NULL || !runconf_node_is_mapping (root))
    return NULL;

  return g_strdup (runconf_metadata_get_default_path (root));
}

/**
 * cli_offline_find_defaults:
 * @file: of overrides
 *
 * Returns: (transfer full): the file of their defaults: which they say they belong to, or
 *   `config.yaml` beside them
 */
char *
cli_offline_find_defaults (const char *file)
{
  g_autofree char *folder = g_path_get_dirname (file);
  char *told = read_defaults_path (file);

  return told != NULL ? told : g_build_filename (folder, DEFAULTS_FILE, NULL);
}

/* Whoever owns the folder goes on with what is made in it: the service's user, while it is root who
 * works on the files of an image.
 */
static void
find_owner (Place *self)
{
  g_autofree char *folder = g_path_get_dirname (self->file);
  struct stat status;

  while (stat (folder, &status) != 0)
    {
      char *parent = g_path_get_dirname (folder);

      if (strcmp (parent, folder) == 0)
        {
          g_free (parent);
          return;
        }
      g_free (folder);
      folder = parent;
    }

  self->uid = status.st_uid;
  self->gid = status.st_gid;
}

/* In the child, between fork and exec. Keys that are pressed on the terminal are for the command, or
 * for the editor that it waits for; the child ends when the command has gone.
 */
static void
set_up_child (gpointer data)
{
  const Place *self = data;

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
make_command (const Place *self)
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

/* Returns: (transfer full): what the child said, in valid UTF-8 */
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

/* What is said to a terminal has around it what GLib puts there: the program, how bad it is, and the
 * time.
 *
 * Returns: (transfer none) (nullable): where the message begins, in a line that tells what is wrong
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

/* Returns: (transfer full): what the child said is wrong, a line each; empty if nothing is */
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

/* An error with what the child said before it ended. */
static void
take_refusal (CliOffline *self, const GError *failure, GError **error)
{
  g_autofree char *said = NULL;

  g_subprocess_wait (self->child, NULL, NULL);
  said = read_complaints (self);
  if (*said != '\0')
    g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s", said);
  else
    g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, _ ("%s doesn't answer: %s"), get_daemon (),
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
 * @file: of overrides
 * @defaults: (nullable): the file of its defaults; where it says nothing, what the overrides say,
 *   or `config.yaml` beside them
 * @name: (nullable): how the configuration is called
 *
 * Starts a service for the file.
 *
 * Returns: (transfer full): it, or %NULL with an error
 */
CliOffline *
cli_offline_new (const char *file, const char *defaults, const char *name, GError **error)
{
  g_autoptr (CliOffline) self = g_new0 (CliOffline, 1);

  self->log = -1;
  self->place.file = g_canonicalize_filename (file, NULL);
  self->place.name = g_strdup (name != NULL ? name : DEFAULT_NAME);
  if (defaults != NULL)
    self->place.defaults = g_canonicalize_filename (defaults, NULL);
  else if (!find_root (&self->place))
    self->place.defaults = cli_offline_find_defaults (self->place.file);
  find_owner (&self->place);

  return start (self, error) ? g_steal_pointer (&self) : NULL;
}

void
cli_offline_free (CliOffline *self)
{
  g_clear_object (&self->connection);
  g_clear_object (&self->child);
  if (self->log >= 0)
    g_close (self->log, NULL);
  place_clear (&self->place);
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
 * Ends the service, and waits until everything is on the disk.
 *
 * Returns: (transfer full): what the service found to be wrong, a line each; empty if nothing is
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
 * Ends the service, and looks whether another one has the file.
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
