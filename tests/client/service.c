/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

Service *
service_new (const char *defaults)
{
  Service *self = g_new0 (Service, 1);

  world_set_up (&self->world, defaults);
  /* other users need access, too */
  g_assert_cmpint (chmod (self->world.directory, 0755), ==, 0);
  self->runtime = g_build_filename (self->world.directory, "runtime_config.yaml", NULL);
  self->configuration = world_open (&self->world);

  return self;
}

void
service_free (Service *self)
{
  g_clear_object (&self->configuration);
  world_tear_down (&self->world, NULL);
  g_free (self->runtime);
  g_free (self);
}

void
service_stop (Service *self)
{
  world_signal_service (&self->world, SIGSTOP);
}

void
service_go_on (Service *self)
{
  world_signal_service (&self->world, SIGCONT);
}

GDBusConnection *
service_connect (Service *self)
{
  return world_connect (self->world.address);
}

/* The bus takes the user of the socket for the user of the connection. */
GDBusConnection *
service_connect_as (Service *self, guint uid)
{
  guint own = geteuid ();
  GDBusConnection *connection;

  g_assert_cmpint (seteuid (uid), ==, 0);
  connection = service_connect (self);
  g_assert_cmpint (seteuid (own), ==, 0);

  return connection;
}

RunconfConfiguration *
service_open (GDBusConnection *connection)
{
  g_autoptr (GError) error = NULL;
  RunconfConfiguration *configuration = runconf_configuration_new_for_connection_sync (
      connection, "default", NULL, RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);

  g_assert_no_error (error);

  return configuration;
}

/* Waits for events that should not happen. */
void
wait_a_moment (void)
{
  world_turn (150);
}

void
take_result (GObject *object, GAsyncResult *result, gpointer place)
{
  *(GAsyncResult **) place = g_object_ref (result);
}

GAsyncResult *
wait_for_result (GAsyncResult **place)
{
  world_wait_until (*place != NULL);

  return g_steal_pointer (place);
}

static guint n_forgotten;

void
warnings_forget (void)
{
  n_forgotten = messages_count ("");
}

guint
warnings_count (void)
{
  return messages_count ("") - n_forgotten;
}

/* Asserts that this warning was logged, and no other since the last call. */
void
assert_warned (const char *part)
{
  g_assert_cmpuint (warnings_count (), ==, 1);
  if (messages_count (part) == 0)
    g_error ("no warning says “%s”", part);
  warnings_forget ();
}

void
assert_error (GError **error, GQuark domain, int code, const char *part)
{
  g_assert_error (*error, domain, code);
  if (strstr ((*error)->message, part) == NULL)
    g_error ("“%s” is not in “%s”", part, (*error)->message);
  g_assert_null (strstr ((*error)->message, "GDBus.Error"));
  g_clear_error (error);
}

void
assert_strings (char **strings, ...)
{
  guint i = 0;
  const char *wanted;
  va_list arguments;

  g_assert_nonnull (strings);
  va_start (arguments, strings);
  while ((wanted = va_arg (arguments, const char *)) != NULL)
    g_assert_cmpstr (strings[i++], ==, wanted);
  va_end (arguments);
  g_assert_null (strings[i]);
  g_strfreev (strings);
}

void
assert_value (RunconfConfiguration *configuration, const char *path, const char *text)
{
  g_autoptr (GVariant) value = runconf_configuration_get_value (configuration, path);
  g_autofree char *printed = value != NULL ? g_variant_print (value, TRUE) : g_strdup ("nothing");

  g_assert_cmpstr (printed, ==, text);
}
