/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/call.h"
#include "service.h"

#define DEFAULTS "port: 8000\nmap: {x: 1}\n"

static void
assert_text (GVariant *value, const char *text)
{
  g_autoptr (GVariant) owned = value;
  g_autofree char *printed = value != NULL ? g_variant_print (value, FALSE) : NULL;

  g_assert_cmpstr (printed, ==, text);
}

static void
test_describe (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (RunconfDescription) description = NULL;
  g_autolist (RunconfDescription) layers = NULL;
  gint64 start = g_get_real_time ();
  g_autoptr (GError) error = NULL;

  runconf_configuration_set_int64_sync (configuration, "/port", 1, NULL, NULL, &error);
  description = runconf_configuration_describe_sync (configuration, "/port", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (runconf_description_get_path (description), ==, "/port");
  g_assert_cmpstr (runconf_description_get_value_type (description), ==, "integer");
  assert_text (runconf_description_get_value (description), "1");
  assert_text (runconf_description_get_default_value (description), "8000");
  g_assert_cmpint (runconf_description_get_layer (description), ==, RUNCONF_LAYER_OVERRIDE);
  g_assert_cmpstr (runconf_description_get_source (description), ==, "override");
  g_assert_cmpstr (runconf_description_get_file (description), ==, service->runtime);
  g_assert_cmpuint (runconf_description_get_line (description), >, 0);
  g_assert_cmpuint (runconf_description_get_column (description), >, 0);
  g_assert_true (runconf_description_is_writable (description));
  g_assert_false (runconf_description_is_secret (description));
  g_assert_null (runconf_description_get_lock (description));
  g_assert_cmpuint (runconf_description_get_version (description), ==, 1);
  g_assert_cmpint (runconf_description_get_time (description), >=, start);
  g_assert_null (runconf_description_get_title (description));
  g_assert_null (runconf_description_get_description (description));
  g_assert_null (runconf_description_get_ignored (description));
  assert_text (runconf_description_lookup (description, "source"), "'override'");
  assert_text (runconf_description_lookup (description, "minimum"), NULL);
  layers = runconf_description_get_layers (description);
  g_assert_cmpuint (g_list_length (layers), ==, 2);
  g_assert_cmpint (runconf_description_get_layer (layers->next->data), ==, RUNCONF_LAYER_VENDOR);

  g_assert_null (runconf_configuration_describe_sync (configuration, "/no", NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "/no");
  g_assert_null (runconf_configuration_describe_sync (configuration, "no", NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "not a JSON Pointer");
  g_assert_null (runconf_configuration_describe_sync (configuration, "/\xff", NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "isn't valid UTF-8");
}

/* Facts of the schema, and of a value that the service never shows */
static void
test_describe_rules (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS "name: s3cret\n");
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (RunconfDescription) port = NULL;
  g_autoptr (RunconfDescription) name = NULL;
  g_autoptr (RunconfDescription) map = NULL;
  g_autolist (RunconfDescription) layers = NULL;
  g_autolist (RunconfDescription) secrets = NULL;
  g_autoptr (GError) error = NULL;

  world_write (&service->world, "config.schema.yaml",
               "properties:\n"
               "  port: {title: Port, description: The port, type: integer, minimum: 1}\n"
               "  name: {writeOnly: true}\n");
  runconf_configuration_reload_sync (configuration, NULL, NULL, &error);
  g_assert_no_error (error);
  port = runconf_configuration_describe_sync (configuration, "/port", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (runconf_description_get_title (port), ==, "Port");
  g_assert_cmpstr (runconf_description_get_description (port), ==, "The port");
  assert_text (runconf_description_lookup (port, "minimum"), "1");
  g_assert_cmpuint (runconf_description_get_version (port), ==, 0);

  name = runconf_configuration_describe_sync (configuration, "/name", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (runconf_description_is_secret (name));
  assert_text (runconf_description_get_value (name), NULL);
  layers = runconf_description_get_layers (name);
  g_assert_true (runconf_description_is_secret (layers->data));

  map = runconf_configuration_describe_sync (configuration, "/map", NULL, &error);
  g_assert_no_error (error);
  g_list_free_full (layers, (GDestroyNotify) runconf_description_unref);
  layers = runconf_description_get_layers (map);
  g_assert_false (runconf_description_is_secret (layers->data));

  secrets = runconf_configuration_explain_sync (configuration, "", RUNCONF_EXPLAIN_SECRETS, NULL,
                                                &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_length (secrets), ==, 1);
  g_assert_cmpstr (runconf_description_get_path (secrets->data), ==, "/name");
  g_assert_cmpint (runconf_description_get_layer (secrets->data), ==, RUNCONF_LAYER_VENDOR);
  g_assert_true (runconf_description_is_secret (secrets->data));
  g_assert_null (runconf_configuration_explain_sync (configuration, "/port",
                                                     RUNCONF_EXPLAIN_SECRETS, NULL, &error));
  g_assert_no_error (error);
}

static void
test_explain (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autolist (RunconfDescription) values = NULL;
  g_autolist (RunconfDescription) all = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (
      runconf_configuration_explain_sync (configuration, "", RUNCONF_EXPLAIN_ALL, NULL, &error));
  g_assert_no_error (error);

  runconf_configuration_set_int64_sync (configuration, "/port", 1, NULL, NULL, &error);
  values = runconf_configuration_explain_sync (configuration, "/port", RUNCONF_EXPLAIN_DEFAULT,
                                               NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_length (values), ==, 2);
  g_assert_cmpint (runconf_description_get_layer (values->data), ==, RUNCONF_LAYER_OVERRIDE);
  g_assert_cmpstr (runconf_description_get_file (values->data), ==, service->runtime);
  g_assert_cmpuint (runconf_description_get_line (values->data), >, 0);
  assert_text (runconf_description_get_value (values->data), "1");
  g_assert_null (runconf_description_get_layers (values->data));
  g_assert_cmpint (runconf_description_get_layer (values->next->data), ==, RUNCONF_LAYER_VENDOR);

  all = runconf_configuration_explain_sync (configuration, "", RUNCONF_EXPLAIN_ALL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_length (all), ==, 1);
  g_assert_cmpstr (runconf_description_get_path (all->data), ==, "/port");

  g_assert_null (runconf_configuration_explain_sync (configuration, "/no", RUNCONF_EXPLAIN_DEFAULT,
                                                     NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "/no: no layer has a value");
  g_assert_null (runconf_configuration_explain_sync (configuration, "no", RUNCONF_EXPLAIN_DEFAULT,
                                                     NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "not a JSON Pointer");
  g_assert_null (runconf_configuration_explain_sync (configuration, "/\xff",
                                                     RUNCONF_EXPLAIN_DEFAULT, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "isn't valid UTF-8");
}

static char *
dump (Service *service, const char *path, RunconfLayer layer, RunconfFormat format,
      RunconfDumpFlags flags, guint64 version, GError **error)
{
  return runconf_configuration_dump_sync (service->configuration, path, layer, format, flags,
                                          version, NULL, error);
}

static void
test_dump (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autofree char *yaml = NULL;
  g_autofree char *json = NULL;
  g_autofree char *before = NULL;
  g_autofree char *stacked = NULL;
  g_autoptr (GError) error = NULL;

  yaml = dump (service, "", RUNCONF_LAYER_DEFAULTS, RUNCONF_FORMAT_YAML, RUNCONF_DUMP_NONE,
               G_MAXUINT64, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (yaml, "port: 8000"));
  json = dump (service, "/map", RUNCONF_LAYER_EFFECTIVE, RUNCONF_FORMAT_JSON, RUNCONF_DUMP_NONE,
               G_MAXUINT64, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (json, "\"x\": 1"));

  runconf_configuration_set_int64_sync (service->configuration, "/port", 1, NULL, NULL, NULL);
  before = dump (service, "/port", RUNCONF_LAYER_EFFECTIVE, RUNCONF_FORMAT_JSON, RUNCONF_DUMP_NONE,
                 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (before, ==, "8000");
  stacked = dump (service, "", RUNCONF_LAYER_OVERRIDE, RUNCONF_FORMAT_JSON, RUNCONF_DUMP_STACKED,
                  G_MAXUINT64, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (stacked, "\"port\": 1"));
  g_assert_nonnull (strstr (stacked, "\"x\": 1"));

  g_assert_null (dump (service, "/map", RUNCONF_LAYER_OVERRIDE, RUNCONF_FORMAT_JSON,
                       RUNCONF_DUMP_NONE, G_MAXUINT64, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "/map");
  g_assert_null (dump (service, "", RUNCONF_LAYER_EFFECTIVE, RUNCONF_FORMAT_JSON, RUNCONF_DUMP_NONE,
                       99, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "99");
}

/* Each selector and each layer is a word that the service knows. */
static void
test_dump_layers (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);

  for (RunconfLayer layer = RUNCONF_LAYER_EFFECTIVE; layer <= RUNCONF_LAYER_BOOT; layer++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text
          = dump (service, "", layer, RUNCONF_FORMAT_YAML, RUNCONF_DUMP_NONE, G_MAXUINT64, &error);

      if (text == NULL)
        g_assert_null (strstr (error->message, "isn't a layer"));
    }
}

static void
test_fetch_value (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GVariant) port = NULL;
  g_autoptr (GVariant) map = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  port = runconf_configuration_fetch_value_sync (configuration, "/port", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int64 (port), ==, 8000);
  g_assert_false (g_variant_is_floating (port));

  g_assert_null (runconf_configuration_fetch_value_sync (configuration, "/no", NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "/no");
  g_assert_null (runconf_configuration_fetch_value_sync (configuration, "/port/x", NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_null (runconf_configuration_fetch_value_sync (configuration, "/\xff", NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "isn't valid UTF-8");

  runconf_configuration_fetch_value (configuration, "/map", NULL, take_result, &place);
  result = wait_for_result (&place);
  map = runconf_configuration_fetch_value_finish (configuration, result, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_is_of_type (map, G_VARIANT_TYPE_VARDICT));
}

/* get_value() doesn't return secrets. */
static void
test_fetch_secret (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS "key: s3cret\n");
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GDBusConnection) connection = service_connect_as (service, 65534);
  g_autoptr (RunconfConfiguration) other = service_open (connection);
  g_autoptr (GVariant) secret = NULL;
  g_autoptr (GError) error = NULL;

  world_write (&service->world, "config.schema.yaml", "properties: {key: {writeOnly: true}}\n");
  runconf_configuration_reload_sync (configuration, NULL, NULL, &error);
  g_assert_no_error (error);

  g_assert_null (runconf_configuration_get_value (configuration, "/key"));
  secret = runconf_configuration_fetch_value_sync (configuration, "/key", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_string (secret, NULL), ==, "s3cret");
  g_assert_null (runconf_configuration_fetch_value_sync (other, "/key", NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED, "may read secrets");
}

static void
assert_listed (GList *configurations, const char *runtime)
{
  RunconfInfo *info = configurations->data;
  const char *path;

  g_assert_cmpuint (g_list_length (configurations), ==, 1);
  g_assert_cmpstr (runconf_info_get_name (info), ==, "default");
  g_assert_cmpuint (runconf_info_get_version (info), ==, 1);
  g_assert_cmpint (runconf_info_get_state (info), ==, RUNCONF_STATE_OK);
  g_assert_cmpstr (runconf_info_get_state_message (info), ==, "");
  g_assert_true (
      g_variant_lookup (runconf_info_get_properties (info), "RuntimeConfigPath", "&s", &path));
  g_assert_cmpstr (path, ==, runtime);
}

static void
test_list_configurations (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  GDBusConnection *connection = service->world.connection;
  g_autolist (RunconfInfo) found = NULL;
  g_autolist (RunconfInfo) found_later = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  GAsyncResult *result;

  runconf_configuration_set_int64_sync (service->configuration, "/port", 1, NULL, NULL, NULL);
  found = runconf_list_configurations_sync (connection, NULL, &error);
  g_assert_no_error (error);
  assert_listed (found, service->runtime);

  runconf_list_configurations (connection, NULL, take_result, &place);
  result = wait_for_result (&place);
  found_later = runconf_list_configurations_finish (result, &error);
  g_assert_no_error (error);
  assert_listed (found_later, service->runtime);
  g_object_unref (result);

  world_stop_service (&service->world);
  g_assert_null (runconf_list_configurations_sync (connection, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "the service isn't available");
  runconf_list_configurations (connection, NULL, take_result, &place);
  result = wait_for_result (&place);
  g_assert_null (runconf_list_configurations_finish (result, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "the service isn't available");
  g_object_unref (result);
}

/* Notes whether the last write that was sent allows a dialog; in GDBus's thread. The library makes
 * calls of its own, too.
 */
static GDBusMessage *
note_flags (GDBusConnection *connection, GDBusMessage *message, gboolean incoming,
            gpointer user_data)
{
  GDBusMessageFlags flags = g_dbus_message_get_flags (message);

  const char *member = g_dbus_message_get_member (message);

  if (!incoming && g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL
      && (strcmp (member, "Set") == 0 || strcmp (member, "Reset") == 0))
    g_atomic_int_set ((int *) user_data,
                      (flags & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0);

  return message;
}

static void
test_interactive (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  GDBusConnection *connection = service->world.connection;
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  int is_allowed = FALSE;
  guint filter = g_dbus_connection_add_filter (connection, note_flags, &is_allowed, NULL);

  g_assert_false (runconf_configuration_get_interactive (configuration));
  runconf_configuration_set_int64_sync (configuration, "/port", 1, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (g_atomic_int_get (&is_allowed));

  g_object_set (configuration, "interactive", TRUE, NULL);
  g_assert_true (runconf_configuration_get_interactive (configuration));
  runconf_configuration_set_int64_sync (configuration, "/port", 2, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_atomic_int_get (&is_allowed));

  runconf_configuration_set_interactive (configuration, FALSE);
  runconf_configuration_reset (configuration, "/port", NULL, take_result, &place);
  result = wait_for_result (&place);
  g_assert_true (runconf_configuration_reset_finish (configuration, result, NULL, &error));
  g_assert_false (g_atomic_int_get (&is_allowed));
  g_dbus_connection_remove_filter (connection, filter);
}

static void
save_by_hand (Service *service, const char *text)
{
  g_assert_true (g_file_set_contents (service->runtime, text, -1, NULL));
}

/* Changes that Reload finds can be read when it returns. */
static void
test_reload (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GError) error = NULL;
  gboolean has_changed = TRUE;

  g_assert_true (runconf_configuration_reload_sync (configuration, &has_changed, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (has_changed);

  for (gint64 port = 1; port <= 5; port++)
    {
      g_autofree char *text = g_strdup_printf ("port: %d\n", (int) port);

      save_by_hand (service, text);
      g_assert_true (runconf_configuration_reload_sync (configuration, &has_changed, NULL, &error));
      g_assert_no_error (error);
      g_assert_true (has_changed);
      g_assert_cmpint (runconf_configuration_get_int64 (configuration, "/port", 0), ==, port);
    }

  g_assert_true (runconf_configuration_reload_sync (configuration, NULL, NULL, NULL));
  save_by_hand (service, "port: [");
  g_assert_false (runconf_configuration_reload_sync (configuration, NULL, NULL, &error));
  g_assert_nonnull (error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "runtime_config.yaml:");
}

static void
test_async (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (RunconfDescription) description = NULL;
  g_autolist (RunconfDescription) values = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  GAsyncResult *result;
  gboolean has_changed = FALSE;

  runconf_configuration_describe (configuration, "/port", NULL, take_result, &place);
  result = wait_for_result (&place);
  description = runconf_configuration_describe_finish (configuration, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (runconf_description_get_path (description), ==, "/port");
  g_object_unref (result);

  runconf_configuration_explain (configuration, "/port", RUNCONF_EXPLAIN_DEFAULT, NULL, take_result,
                                 &place);
  result = wait_for_result (&place);
  values = runconf_configuration_explain_finish (configuration, result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (runconf_description_get_layer (values->data), ==, RUNCONF_LAYER_VENDOR);
  g_object_unref (result);

  runconf_configuration_explain (configuration, "no", RUNCONF_EXPLAIN_ALL, NULL, take_result,
                                 &place);
  result = wait_for_result (&place);
  g_assert_null (runconf_configuration_explain_finish (configuration, result, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "not a JSON Pointer");
  g_object_unref (result);

  runconf_configuration_dump (configuration, "", RUNCONF_LAYER_DEFAULTS, RUNCONF_FORMAT_YAML,
                              RUNCONF_DUMP_NONE, G_MAXUINT64, NULL, take_result, &place);
  result = wait_for_result (&place);
  text = runconf_configuration_dump_finish (configuration, result, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (text, "port: 8000"));
  g_object_unref (result);

  save_by_hand (service, "port: 7\n");
  runconf_configuration_reload (configuration, NULL, take_result, &place);
  result = wait_for_result (&place);
  g_assert_true (runconf_configuration_reload_finish (configuration, result, &has_changed, &error));
  g_assert_true (has_changed);
  assert_value (configuration, "/port", "int64 7");
  g_object_unref (result);

  runconf_configuration_describe (configuration, "/no", NULL, take_result, &place);
  result = wait_for_result (&place);
  g_assert_null (runconf_configuration_describe_finish (configuration, result, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "/no");
  g_object_unref (result);

  runconf_configuration_dump (configuration, "\xff", RUNCONF_LAYER_DEFAULTS, RUNCONF_FORMAT_YAML,
                              RUNCONF_DUMP_NONE, G_MAXUINT64, NULL, take_result, &place);
  result = wait_for_result (&place);
  g_assert_null (runconf_configuration_dump_finish (configuration, result, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "isn't valid UTF-8");
  g_object_unref (result);
}

static void
test_no_answer (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  runconf_call_set_timeout (200);
  service_stop (service);
  g_assert_null (runconf_configuration_describe_sync (configuration, "", NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "");
  g_assert_null (runconf_configuration_dump_sync (configuration, "", RUNCONF_LAYER_DEFAULTS,
                                                  RUNCONF_FORMAT_YAML, RUNCONF_DUMP_NONE,
                                                  G_MAXUINT64, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "");
  g_assert_false (runconf_configuration_reload_sync (configuration, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "");
  runconf_call_set_timeout (-1);

  g_cancellable_cancel (cancellable);
  g_assert_null (runconf_configuration_describe_sync (configuration, "", cancellable, &error));
  assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  g_assert_null (runconf_configuration_dump_sync (configuration, "", RUNCONF_LAYER_DEFAULTS,
                                                  RUNCONF_FORMAT_YAML, RUNCONF_DUMP_NONE,
                                                  G_MAXUINT64, cancellable, &error));
  assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  g_assert_false (runconf_configuration_reload_sync (configuration, NULL, cancellable, &error));
  assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  service_go_on (service);
}

static void
test_denied (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect_as (service, 65534);
  g_autoptr (RunconfConfiguration) configuration = service_open (connection);
  g_autoptr (RunconfDescription) description = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (runconf_configuration_reload_sync (configuration, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED, "Reload: only root");
  description = runconf_configuration_describe_sync (configuration, "/port", NULL, &error);
  g_assert_no_error (error);
  g_assert_false (runconf_description_is_writable (description));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asking/describe", test_describe);
  g_test_add_func ("/asking/describe-rules", test_describe_rules);
  g_test_add_func ("/asking/explain", test_explain);
  g_test_add_func ("/asking/dump", test_dump);
  g_test_add_func ("/asking/dump-layers", test_dump_layers);
  g_test_add_func ("/asking/fetch-value", test_fetch_value);
  g_test_add_func ("/asking/fetch-secret", test_fetch_secret);
  g_test_add_func ("/asking/list-configurations", test_list_configurations);
  g_test_add_func ("/asking/interactive", test_interactive);
  g_test_add_func ("/asking/reload", test_reload);
  g_test_add_func ("/asking/async", test_async);
  g_test_add_func ("/asking/no-answer", test_no_answer);
  g_test_add_func ("/asking/denied", test_denied);

  return g_test_run ();
}
