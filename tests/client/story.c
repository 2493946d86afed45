/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The scenario that each language's test runs, in C. It requests events elsewhere by its output:
 * the test that started it follows each line.
 */

#include <runconf/runconf.h>

#define DEADLINE 20 /* seconds for each wait */
#define PORT "/chat/websocket/port"
#define HOST "/chat/websocket/host"

static void
ask_for (const char *what)
{
  g_print ("%s\n", what);
}

static gboolean
on_deadline (gpointer user_data)
{
  g_error ("it did not happen: %s", (const char *) user_data);
  return G_SOURCE_REMOVE;
}

/* Runs the main loop until `seen` contains the path. */
static void
wait_for (GPtrArray *seen, const char *path)
{
  guint deadline = g_timeout_add_seconds (DEADLINE, on_deadline, (gpointer) path);

  while (!g_ptr_array_find_with_equal_func (seen, path, g_str_equal, NULL))
    g_main_context_iteration (NULL, TRUE);

  g_source_remove (deadline);
}

static void
on_changed (RunconfWatch *watch, RunconfChange *change, gpointer user_data)
{
  GPtrArray *seen = user_data;

  for (const char *const *paths = runconf_change_get_paths (change); *paths != NULL; paths++)
    g_ptr_array_add (seen, g_strdup (*paths));
}

static void
read_each_type (RunconfConfiguration *config)
{
  g_autofree char *host = runconf_configuration_get_string (config, HOST, NULL);
  g_auto (GStrv) features = runconf_configuration_get_strv (config, "/features", NULL);
  g_auto (GStrv) keys = runconf_configuration_list (config, "/chat");
  g_autoptr (GVariant) servers = runconf_configuration_get_value (config, "/servers");
  g_autoptr (GVariant) null = runconf_configuration_get_value (config, "/logging/file");
  g_autofree char *shown = g_variant_print (servers, FALSE);

  g_assert_cmpint (runconf_configuration_get_int64 (config, PORT, 0), ==, 8000);
  g_assert_cmpstr (host, ==, "localhost");
  g_assert_cmpfloat (runconf_configuration_get_double (config, "/llm/temperature", 0), ==, 0.7);
  g_assert_cmpfloat (runconf_configuration_get_double (config, PORT, 0), ==, 8000);
  g_assert_false (runconf_configuration_get_boolean (config, "/logging/debug", TRUE));
  g_assert_cmpstrv (features, ((const char *[]){ "search", "browse", "code", NULL }));
  g_assert_cmpstrv (keys, ((const char *[]){ "websocket", "service", NULL }));
  g_assert_cmpstr (
      shown, ==,
      "[<{'name': <'one'>, 'port': <int64 1>}>, <{'name': <'two'>, 'port': <int64 2>}>]");
  g_assert_cmpstr (g_variant_get_type_string (null), ==, "g");
  g_assert_true (runconf_configuration_has (config, PORT));
}

static void
read_what_is_not_there (RunconfConfiguration *config)
{
  g_autofree char *text = runconf_configuration_get_string (config, "/nowhere", "fallback");

  g_assert_cmpstr (text, ==, "fallback");
  g_assert_cmpint (runconf_configuration_get_int64 (config, "/nowhere", 7), ==, 7);
  g_assert_cmpint (runconf_configuration_get_int64 (config, HOST, 7), ==, 7);
  g_assert_null (runconf_configuration_get_value (config, "/nowhere"));
  g_assert_false (runconf_configuration_has (config, "/nowhere"));
}

static void
write_and_read (RunconfConfiguration *config)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) patch = NULL;
  g_auto (GStrv) changed = NULL;
  guint64 version = 0;

  runconf_configuration_set_int64_sync (config, PORT, 9000, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (runconf_configuration_get_int64 (config, PORT, 0), ==, 9000);

  patch = g_variant_ref_sink (g_variant_new_parsed ("{'llm': <{'active': <'groq'>}>}"));
  changed = runconf_configuration_merge_sync (config, patch, &version, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstrv (changed, ((const char *[]){ "/llm/active", NULL }));
  g_assert_cmpuint (version, ==, runconf_configuration_get_version (config));
}

static void
apply_a_transaction (RunconfConfiguration *config)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_auto (GStrv) refused = NULL;
  g_auto (GStrv) tried = NULL;
  g_auto (GStrv) applied = NULL;
  guint64 version = runconf_configuration_get_version (config);
  guint64 applied_version = 0;

  runconf_transaction_set_value (transaction, HOST, g_variant_new_string ("example.org"));
  runconf_transaction_reset (transaction, "/llm/active");
  runconf_transaction_set_message (transaction, "the story");

  runconf_transaction_set_if_version (transaction, version - 1);
  refused = runconf_configuration_apply_sync (config, transaction, NULL, NULL, &error);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH);
  g_assert_null (refused);
  g_clear_error (&error);

  runconf_transaction_set_if_version (transaction, version);
  runconf_transaction_set_dry_run (transaction, TRUE);
  tried = runconf_configuration_apply_sync (config, transaction, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (tried), ==, 2);
  g_assert_cmpuint (runconf_configuration_get_version (config), ==, version);

  runconf_transaction_set_dry_run (transaction, FALSE);
  applied = runconf_configuration_apply_sync (config, transaction, &applied_version, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstrv (applied, tried);
  g_assert_cmpuint (applied_version, ==, version + 1);
}

static void
keep_a_snapshot (RunconfConfiguration *config)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (config);
  guint64 version = runconf_snapshot_get_version (snapshot);

  runconf_configuration_set_int64_sync (config, PORT, 9001, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (runconf_snapshot_get_int64 (snapshot, PORT, 0), ==, 9000);
  g_assert_cmpint (runconf_configuration_get_int64 (config, PORT, 0), ==, 9001);
  g_assert_cmpuint (runconf_snapshot_get_version (snapshot), ==, version);
  g_assert_cmpuint (runconf_configuration_get_version (config), ==, version + 1);
}

static void
keep_a_key (RunconfConfiguration *config)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfKey) key = runconf_key_new (config, PORT, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (runconf_key_get_path (key), ==, PORT);
  g_assert_cmpint (runconf_key_get_int64 (key, 0), ==, 9001);
  runconf_configuration_set_int64_sync (config, PORT, 9002, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (runconf_key_get_int64 (key, 0), ==, 9002);
}

static void
assert_source (RunconfConfiguration *config, const char *path, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfDescription) description = NULL;

  description = runconf_configuration_describe_sync (config, path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (runconf_description_get_source (description), ==, expected);
}

static void
assert_layers (RunconfConfiguration *config, const char *path, gsize n_layers)
{
  g_autoptr (GError) error = NULL;
  g_autolist (RunconfDescription) values = NULL;

  values = runconf_configuration_explain_sync (config, path, RUNCONF_EXPLAIN_DEFAULT, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_length (values), ==, n_layers);
}

static void
reset_and_describe (RunconfConfiguration *config)
{
  g_autoptr (GError) error = NULL;

  assert_source (config, PORT, "override");
  assert_layers (config, PORT, 2);
  runconf_configuration_reset_sync (config, PORT, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_source (config, PORT, "default");
  assert_layers (config, PORT, 1);
  g_assert_cmpint (runconf_configuration_get_int64 (config, PORT, 0), ==, 8000);
}

static void
be_refused (RunconfConfiguration *config)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfDescription) description = NULL;
  g_autoptr (RunconfConfiguration) nobody = NULL;
  g_auto (GStrv) changed = NULL;

  g_assert_false (runconf_configuration_set_int64_sync (config, PORT "/x", 1, NULL, NULL, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH);
  g_assert_null (strstr (error->message, "GDBus.Error"));
  g_clear_error (&error);

  description = runconf_configuration_describe_sync (config, "/nowhere", NULL, &error);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND);
  g_clear_error (&error);

  changed = runconf_configuration_merge_text_sync (config, "a: [b", NULL, NULL, &error);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE);
  g_clear_error (&error);

  nobody = runconf_configuration_new_sync (G_BUS_TYPE_SESSION, "nobody", NULL,
                                           RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND);
}

static void
hear_of_others (RunconfConfiguration *config)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfWatch) watch = NULL;
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func (g_free);

  watch = runconf_configuration_watch (config, "/chat", &error);
  g_assert_no_error (error);
  g_signal_connect (watch, "changed", G_CALLBACK (on_changed), seen);

  ask_for ("set");
  wait_for (seen, PORT);
  g_assert_cmpuint (seen->len, ==, 1);
  g_assert_cmpint (runconf_configuration_get_int64 (config, PORT, 0), ==, 9100);

  g_ptr_array_set_size (seen, 0);
  ask_for ("restart");
  wait_for (seen, PORT);
  g_assert_cmpint (runconf_configuration_get_int64 (config, PORT, 0), ==, 9200);
  g_assert_true (runconf_configuration_get_connected (config));

  runconf_configuration_set_int64_sync (config, PORT, 9300, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (runconf_configuration_get_int64 (config, PORT, 0), ==, 9300);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfConfiguration) config = NULL;

  config = runconf_configuration_new_sync (G_BUS_TYPE_SESSION, "default", NULL,
                                           RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (runconf_configuration_get_name (config), ==, "default");
  g_assert_true (runconf_configuration_get_connected (config));

  read_each_type (config);
  read_what_is_not_there (config);
  write_and_read (config);
  apply_a_transaction (config);
  keep_a_snapshot (config);
  keep_a_key (config);
  reset_and_describe (config);
  be_refused (config);
  hear_of_others (config);

  ask_for ("end");
  return 0;
}
