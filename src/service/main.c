/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/object-path.h"
#include "service/base/footprint.h"
#include "service/daemon/daemon.h"
#include "service/daemon/peer.h"

/* The program runconfd: its command line, and the connection on which it serves. */

/* the defaults of --history-size and --history-age */
#define HISTORY_MIB 32
#define HISTORY_DAYS 366

#define NO_PEER G_MININT

#define MIB ((guint64) 1024 * 1024)

G_STATIC_ASSERT (HISTORY_MIB *MIB == RUNCONF_HISTORY_MAX_BYTES);
G_STATIC_ASSERT (HISTORY_DAYS *G_TIME_SPAN_DAY == RUNCONF_HISTORY_MAX_AGE);

typedef struct
{
  char *defaults;
  char *runtime;
  char *name;
  char *on_corrupt;
  char *address;
  char *root;
  gboolean session;
  gboolean system;
  int peer;
  int history_count;
  int history_size;
  int history_age;
  gboolean no_watch;
  gboolean version;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->defaults);
  g_free (self->runtime);
  g_free (self->name);
  g_free (self->on_corrupt);
  g_free (self->address);
  g_free (self->root);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (Options *self, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "defaults", 0, 0, G_OPTION_ARG_FILENAME, &self->defaults,
      "Serve one configuration, with the defaults in FILE, instead of those in folders", "FILE" },
    { "runtime", 0, 0, G_OPTION_ARG_FILENAME, &self->runtime, "Keep its overrides in FILE",
      "FILE" },
    { "name", 0, 0, G_OPTION_ARG_STRING, &self->name,
      "Call it NAME (default); of those in folders, serve only this one", "NAME" },
    { "session", 0, 0, G_OPTION_ARG_NONE, &self->session, "Serve on the session bus", NULL },
    { "system", 0, 0, G_OPTION_ARG_NONE, &self->system, "Serve on the system bus (default)", NULL },
    { "address", 0, 0, G_OPTION_ARG_STRING, &self->address, "Serve on the bus at ADDRESS",
      "ADDRESS" },
    { "peer", 0, 0, G_OPTION_ARG_INT, &self->peer,
      "Serve without a bus, for the process at the other end of the socket FD", "FD" },
    { "root", 0, 0, G_OPTION_ARG_FILENAME, &self->root,
      "Look for the folders of the system below FOLDER (/)", "FOLDER" },
    { "on-corrupt", 0, 0, G_OPTION_ARG_STRING, &self->on_corrupt,
      "Values in force while the file of overrides is broken: the “defaults” (default) or the "
      "“last-good” ones",
      "WHAT" },
    { "history-count", 0, 0, G_OPTION_ARG_INT, &self->history_count,
      "Keep the last N changes (" G_STRINGIFY (RUNCONF_HISTORY_MAX_COUNT) "); 0 for no history",
      "N" },
    { "history-size", 0, 0, G_OPTION_ARG_INT, &self->history_size,
      "Keep changes of at most N MiB (" G_STRINGIFY (HISTORY_MIB) "); 0 for any size", "N" },
    { "history-age", 0, 0, G_OPTION_ARG_INT, &self->history_age,
      "Keep changes for N days (" G_STRINGIFY (HISTORY_DAYS) "); 0 for ever", "N" },
    { "no-watch", 0, 0, G_OPTION_ARG_NONE, &self->no_watch,
      "Don't watch for edits by hand; Reload still reads them", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->version, "Print the version", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("— serve configurations on D-Bus");

  g_option_context_add_main_entries (context, entries, NULL);

  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;

  if (argc > 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "“%s” isn't an option",
                   argv[1]);
      return FALSE;
    }

  return TRUE;
}

static gboolean
is_one (const Options *self)
{
  return self->defaults != NULL || self->runtime != NULL;
}

static gboolean
is_same_file (const char *a, const char *b)
{
  struct stat left, right;

  return stat (a, &left) == 0 && stat (b, &right) == 0 && left.st_dev == right.st_dev
         && left.st_ino == right.st_ino;
}

/* Returns: (nullable): the mistake in the options for one configuration */
static const char *
find_mistake_of_one (const Options *self)
{
  if (self->defaults == NULL || *self->defaults == '\0')
    return "--defaults is missing: name the file that holds the defaults";
  if (self->runtime == NULL || *self->runtime == '\0')
    return "--runtime is missing: name the file that is to hold the overrides";
  if (!g_utf8_validate (self->defaults, -1, NULL) || !g_utf8_validate (self->runtime, -1, NULL))
    return "--defaults and --runtime have to be in UTF-8";
  if (is_same_file (self->defaults, self->runtime))
    return "--defaults and --runtime are the same file: the overrides need one of their own";
  if (self->root != NULL)
    return "--root is for configurations in folders, and can't be used with --defaults";

  return NULL;
}

/* Returns: (nullable): the mistake in the options for configurations in folders */
static const char *
find_mistake_of_many (const Options *self)
{
  if (self->root != NULL && self->session)
    return "--root is for the folders of the system: with --session the environment sets the "
           "folders";

  return NULL;
}

/* Returns: (nullable): the mistake in the options */
static const char *
find_mistake (const Options *self)
{
  const char *mistake = is_one (self) ? find_mistake_of_one (self) : find_mistake_of_many (self);

  if (mistake != NULL)
    return mistake;
  if (self->session + self->system + (self->address != NULL) + (self->peer != NO_PEER) > 1)
    return "only one of --session, --system, --address and --peer can be given";
  if (self->peer != NO_PEER && self->peer < 0)
    return "--peer has to be the number of a descriptor";
  if (self->name != NULL && !runconf_object_path_is_name (self->name))
    return "--name has to begin with a letter or a digit and to hold at most 64 letters, digits, "
           "“_”, “.” and “-”";
  if (self->on_corrupt != NULL && strcmp (self->on_corrupt, "defaults") != 0
      && strcmp (self->on_corrupt, "last-good") != 0)
    return "--on-corrupt has to be “defaults” or “last-good”";
  if (self->history_count < 0 || self->history_size < 0 || self->history_age < 0)
    return "--history-count, --history-size and --history-age have to be 0 or more";

  return NULL;
}

static GDBusConnection *
connect_to_peer (const Options *options, GError **error)
{
  GDBusConnection *connection = runconfd_peer_connect (options->peer, error);

  if (connection == NULL)
    g_prefix_error (error, "descriptor %d: ", options->peer);

  return connection;
}

static GDBusConnection *
connect_to_session (GError **error)
{
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, error);

  if (address == NULL)
    return NULL;

  return g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, error);
}

/* On a bus of several users, one of them may try to block the service for the others. */
static RunconfdRelay *
connect_relay (const Options *options, GError **error)
{
  g_autofree char *address = NULL;
  RunconfdRelay *relay;

  if (options->address != NULL)
    address = g_strdup (options->address);
  else
    address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, error);

  if (address == NULL)
    return NULL;

  relay = runconfd_relay_new (address, error);
  if (relay == NULL)
    g_prefix_error (error, "%s: ", address);

  return relay;
}

/* @relay is set if there is one between the connection and a bus.
 *
 * Returns: (transfer full) (nullable): the connection
 */
static GDBusConnection *
connect (const Options *options, RunconfdRelay **relay, GError **error)
{
  if (options->peer != NO_PEER)
    return connect_to_peer (options, error);
  if (options->session)
    return connect_to_session (error);

  *relay = connect_relay (options, error);

  return *relay != NULL ? g_object_ref (runconfd_relay_get_connection (*relay)) : NULL;
}

static RunconfFolders *
make_folders (const Options *options)
{
  g_autofree char *root
      = g_canonicalize_filename (options->root != NULL ? options->root : "/", NULL);

  return options->session ? runconf_folders_new_session (options->name)
                          : runconf_folders_new_system (root, options->name);
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = {
    .peer = NO_PEER,
    .history_count = RUNCONF_HISTORY_MAX_COUNT,
    .history_size = HISTORY_MIB,
    .history_age = HISTORY_DAYS,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfdRelay) relay = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  g_autofree char *defaults = NULL;
  g_autofree char *runtime = NULL;
  g_autofree char *session = NULL;
  g_autoptr (RunconfFolders) folders = NULL;
  RunconfdSettings settings;
  const char *mistake;

  runconfd_footprint_init ();
  /* the messages stay English, those of GLib and of the kernel too: the log has one language */
  setlocale (LC_CTYPE, "");
  if (!parse_options (&options, argc, argv, &error))
    {
      g_printerr ("runconfd: %s; see runconfd --help\n", error->message);
      return EXIT_FAILURE;
    }

  if (options.version)
    {
      g_print ("runconfd %s\n", RUNCONF_VERSION);
      return EXIT_SUCCESS;
    }

  mistake = find_mistake (&options);
  if (mistake != NULL)
    {
      g_printerr ("runconfd: %s; see runconfd --help\n", mistake);
      return EXIT_FAILURE;
    }

  connection = connect (&options, &relay, &error);
  if (connection == NULL)
    {
      g_printerr ("runconfd: %s: %s\n",
                  options.peer != NO_PEER ? "no peer to serve" : "no bus to serve on",
                  error->message);
      return EXIT_FAILURE;
    }

  if (is_one (&options))
    {
      defaults = g_canonicalize_filename (options.defaults, NULL);
      runtime = g_canonicalize_filename (options.runtime, NULL);
    }
  else
    {
      folders = make_folders (&options);
    }

  if (options.session)
    session = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, NULL);

  settings = (RunconfdSettings){
    .name = options.name != NULL ? options.name : (char *) "default",
    .defaults_path = defaults,
    .runtime_path = runtime,
    .session = session,
    .keep_last_good = g_strcmp0 (options.on_corrupt, "last-good") == 0,
    .watch = !options.no_watch,
    .has_history = options.history_count > 0,
    .history = {
      .max_count = (guint64) options.history_count,
      .max_bytes = (guint64) options.history_size * MIB,
      .max_age = options.history_age * G_TIME_SPAN_DAY,
    },
  };

  /* polkit identifies callers by their names on the system bus only: on another bus, the same name
   * belongs to another process
   */
  return runconfd_daemon_run (
      connection, relay, !options.session && options.address == NULL && options.peer == NO_PEER,
      &settings, folders);
}
