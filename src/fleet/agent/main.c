/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <locale.h>
#include <malloc.h>
#include <stdlib.h>

#include <glib-unix.h>

#include "fleet/agent/connect.h"
#include "fleet/agent/host.h"
#include "fleet/agent/roster.h"

/* The program runconf-fleetd: its command line, and the hosts that it plays. */

#define PROGRAM "runconf-fleetd"

/* A free block at the end of the heap of this size goes back to the kernel. */
#define TRIM_BYTES (64 * 1024)

typedef struct
{
  char *config;
  char *root;
  char *hosts;
  gboolean check;
  gboolean version;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->config);
  g_free (self->root);
  g_free (self->hosts);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (Options *self, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &self->config,
      "Read the settings from FILE (" RUNCONF_FLEET_SETTINGS_FILE ")", "FILE" },
    { "check", 0, 0, G_OPTION_ARG_NONE, &self->check,
      "Check the settings and their files, and exit", NULL },
    { "root", 0, 0, G_OPTION_ARG_FILENAME, &self->root,
      "Use the folders of the system below FOLDER (/)", "FOLDER" },
    { "hosts", 0, 0, G_OPTION_ARG_FILENAME, &self->hosts,
      "Play the hosts in FILE, each below a folder of its name in the folder of --root", "FILE" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->version, "Print the version", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context
      = g_option_context_new ("— keep the layer of a fleet up to date");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;

  if (argc > 1)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "“%s” isn't an option", argv[1]);
  else if (self->hosts != NULL && self->root == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--hosts needs --root, the folder for the folders of the hosts");

  return *error == NULL;
}

static RunconfFleetSettings *
read_settings (const char *file, GError **error)
{
  char *text;
  gsize length;
  g_autoptr (GBytes) bytes = NULL;

  if (!g_file_get_contents (file, &text, &length, error))
    return NULL;

  bytes = g_bytes_new_take (text, length);

  return runconf_fleet_settings_parse (bytes, file, error);
}

/* Returns: whether the agent would start with the settings */
static gboolean
check (const RunconfFleetSettings *settings, const char *file, GError **error)
{
  g_autoptr (RunconfEtcd) etcd = runconf_fleetd_connect (settings, error);

  if (etcd == NULL)
    return FALSE;

  g_print ("%s: there is no mistake\n", file);

  return TRUE;
}

/* Returns: (transfer full) (nullable): the hosts that this process plays */
static GPtrArray *
make_hosts (const Options *options, const RunconfFleetSettings *settings, GError **error)
{
  g_autofree char *root
      = g_canonicalize_filename (options->root != NULL ? options->root : "/", NULL);
  g_autoptr (GPtrArray) hosts = NULL;
  RunconfFleetdHost *host;

  if (options->hosts != NULL)
    return runconf_fleetd_roster_new (settings, options->hosts, root, error);

  host = runconf_fleetd_host_new (settings, root, error);
  if (host == NULL)
    return NULL;

  hosts = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_fleetd_host_free);
  g_ptr_array_add (hosts, host);

  return g_steal_pointer (&hosts);
}

static gboolean
on_signal (gpointer user_data)
{
  g_main_loop_quit (user_data);

  return G_SOURCE_CONTINUE;
}

static void
run (GPtrArray *hosts)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  for (guint i = 0; i < hosts->len; i++)
    runconf_fleetd_host_start (hosts->pdata[i]);

  g_main_loop_run (loop);
}

/* Returns: whether the program did as the options say */
static gboolean
play (const Options *options, GError **error)
{
  const char *file = options->config != NULL ? options->config : RUNCONF_FLEET_SETTINGS_FILE;
  g_autoptr (RunconfFleetSettings) settings = read_settings (file, error);
  g_autoptr (GPtrArray) hosts = NULL;

  if (settings == NULL)
    return FALSE;
  if (options->check)
    return check (settings, file, error);

  hosts = make_hosts (options, settings, error);
  if (hosts == NULL)
    return FALSE;

  run (hosts);

  return TRUE;
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = { NULL };
  g_autoptr (GError) error = NULL;

  mallopt (M_ARENA_MAX, 1);
  mallopt (M_TRIM_THRESHOLD, TRIM_BYTES);
  /* the messages stay English, those of GLib and of the kernel too: the log has one language */
  setlocale (LC_CTYPE, "");
  if (!parse_options (&options, argc, argv, &error))
    {
      g_printerr (PROGRAM ": %s; see " PROGRAM " --help\n", error->message);
      return EXIT_FAILURE;
    }
  if (options.version)
    {
      g_print (PROGRAM " %s\n", RUNCONF_VERSION);
      return EXIT_SUCCESS;
    }

  if (!play (&options, &error))
    {
      g_printerr (PROGRAM ": %s\n", error->message);
      return EXIT_FAILURE;
    }

  return EXIT_SUCCESS;
}
