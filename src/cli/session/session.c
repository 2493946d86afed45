/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/session.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "cli/session/offline.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"

#define DEFAULT_NAME "default"

struct _CliSession
{
  const CliOptions *options;
  const char *name;
  CliOffline *offline;
  GDBusConnection *connection;
  RunconfConfiguration *whole;
  RunconfConfiguration *reached;
};

/**
 * cli_session_new:
 * @options: the options, which are borrowed for the lifetime of the session
 *
 * Returns: (transfer full): a session without a connection
 */
CliSession *
cli_session_new (const CliOptions *options)
{
  CliSession *self = g_new0 (CliSession, 1);

  self->options = options;
  self->name = options->configuration;
  if (self->name == NULL)
    self->name = g_getenv ("RUNCONF_CONFIGURATION");
  if (self->name == NULL || *self->name == '\0')
    self->name = DEFAULT_NAME;

  return self;
}

void
cli_session_free (CliSession *self)
{
  g_clear_object (&self->whole);
  g_clear_object (&self->reached);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->offline, cli_offline_free);
  g_free (self);
}

/* Prints the problems that the private service logged, since they are reported nowhere else. */
static void
relay (const char *complaints)
{
  g_auto (GStrv) lines = g_strsplit (complaints, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0')
      cli_output_complain (*line);
}

/**
 * cli_session_close:
 * @error: (nullable): the error of the verb
 *
 * Ends the session. When this returns, a private service has written all changes to disk.
 */
void
cli_session_close (CliSession *self, const GError *error)
{
  g_autofree char *complaints = NULL;

  g_clear_object (&self->whole);
  g_clear_object (&self->reached);
  if (self->offline == NULL)
    return;

  complaints = cli_offline_close (self->offline);

  /* if nothing could be served, the error of the verb gives the reason already */
  if (!cli_output_is_quiet () && !g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE))
    relay (complaints);
}

/**
 * cli_session_get_options:
 *
 * Returns: (transfer none): the options of all verbs
 */
const CliOptions *
cli_session_get_options (const CliSession *self)
{
  return self->options;
}

const char *
cli_session_get_name (const CliSession *self)
{
  return self->name;
}

/**
 * cli_session_is_named:
 *
 * Returns: whether an option names a bus, or files without one
 */
gboolean
cli_session_is_named (const CliSession *self)
{
  const CliOptions *options = self->options;

  return options->session || options->system || options->address != NULL
         || options->offline != NULL;
}

static GDBusConnection *
connect_to_bus (CliSession *self, GError **error)
{
  const char *address = self->options->address;

  if (address != NULL)
    return g_dbus_connection_new_for_address_sync (
        address,
        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
            | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
        NULL, NULL, error);

  return g_bus_get_sync (self->options->session ? G_BUS_TYPE_SESSION : G_BUS_TYPE_SYSTEM, NULL,
                         error);
}

static GDBusConnection *
connect_to_child (CliSession *self, GError **error)
{
  self->offline = cli_offline_new (self->options->offline, self->options->defaults,
                                   self->options->configuration, error);
  if (self->offline == NULL)
    return NULL;

  self->name = cli_offline_get_name (self->offline);

  return g_object_ref (cli_offline_get_connection (self->offline));
}

/**
 * cli_session_connect:
 *
 * Returns: (transfer none): the connection to the bus, or to the private service; %NULL with an
 *   error
 */
GDBusConnection *
cli_session_connect (CliSession *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (self->connection != NULL)
    return self->connection;

  if (self->options->offline != NULL)
    {
      self->connection = connect_to_child (self, error);
      return self->connection;
    }

  self->connection = connect_to_bus (self, &local_error);
  if (self->connection == NULL)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                 _ ("the bus can't be reached: %s"), local_error->message);

  return self->connection;
}

/* On a terminal the service may ask for a password, since the user has just requested an action. In
 * a script the question would be unexpected.
 */
static RunconfConfiguration *
allow_questions (RunconfConfiguration *configuration)
{
  if (configuration != NULL && isatty (STDIN_FILENO))
    runconf_configuration_set_interactive (configuration, TRUE);

  return configuration;
}

/**
 * cli_session_open:
 *
 * Opens the configuration, with its shared memory, for verbs that read more than one value.
 *
 * Returns: (transfer none): the configuration, or %NULL with an error
 */
RunconfConfiguration *
cli_session_open (CliSession *self, GError **error)
{
  GDBusConnection *connection;

  if (self->whole != NULL)
    return self->whole;

  connection = cli_session_connect (self, error);
  if (connection == NULL)
    return NULL;

  self->whole = runconf_configuration_new_for_connection_sync (
      connection, self->name, NULL, RUNCONF_OPEN_REQUIRE_SERVICE, NULL, error);

  return allow_questions (self->whole);
}

/**
 * cli_session_reach:
 *
 * Returns the configuration for a verb that makes a single method call, with `calls-only`.
 *
 * Returns: (transfer none): the configuration, or %NULL with an error
 */
RunconfConfiguration *
cli_session_reach (CliSession *self, GError **error)
{
  GDBusConnection *connection;

  if (self->whole != NULL)
    return self->whole;
  if (self->reached != NULL)
    return self->reached;

  connection = cli_session_connect (self, error);
  if (connection == NULL)
    return NULL;

  self->reached = g_initable_new (RUNCONF_TYPE_CONFIGURATION, NULL, error, "connection", connection,
                                  "name", self->name, "calls-only", TRUE, NULL);

  return allow_questions (self->reached);
}

/**
 * cli_session_explain:
 * @error: (inout): the error of a call
 *
 * Improves an error message. If the configuration doesn't exist, the new error says so, and lists
 * the existing ones. If another service holds the file of --offline, a hint gives the alternative.
 */
void
cli_session_explain (CliSession *self, GError **error)
{
  g_autoptr (GError) better = NULL;

  if (!g_error_matches (*error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE))
    return;

  if (self->offline != NULL)
    {
      if (cli_offline_is_served_by_others (self->offline))
        cli_failure_add_hint (*error, _ ("leave --offline out to use that service"));
      return;
    }

  if (cli_session_open (self, &better) != NULL
      || !g_error_matches (better, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND))
    return;

  g_error_free (*error);
  *error = g_steal_pointer (&better);
}
