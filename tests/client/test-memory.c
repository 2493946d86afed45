/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/key.h>

#include "gadget.h"
#include "service.h"

/* A configuration in memory, as the tests of a program use it. There is no bus here. */

#define DEFAULTS                                                                                   \
  "{'port': <int64 8000>, 'name': <'default'>, 'flag': <true>, 'map': <{'x': <int64 1>}>}"

static RunconfConfiguration *
make (const char *defaults)
{
  g_autoptr (GError) error = NULL;
  RunconfConfiguration *configuration = runconf_configuration_new_in_memory (
      "default", defaults != NULL ? g_variant_new_parsed (defaults) : NULL, &error);

  g_assert_no_error (error);

  return configuration;
}

static void
put (RunconfConfiguration *configuration, const char *path, gint64 value)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) changed = NULL;

  runconf_transaction_set_value (transaction, path, g_variant_new_int64 (value));
  changed = runconf_configuration_apply_sync (configuration, transaction, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
turn (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static guint
count_threads (void)
{
  g_autoptr (GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (threads) != NULL)
    n++;

  return n;
}

static void
test_first_version (void)
{
  g_autoptr (RunconfConfiguration) configuration = make (DEFAULTS);
  g_autoptr (RunconfConfiguration) empty = make (NULL);
  g_autofree char *message = NULL;
  RunconfState state;

  g_object_get (configuration, "state", &state, "state-message", &message, NULL);
  g_assert_cmpint (state, ==, RUNCONF_STATE_OK);
  g_assert_cmpstr (message, ==, "");
  g_assert_true (runconf_configuration_get_connected (configuration));
  g_assert_false (runconf_configuration_get_shared (configuration));
  g_assert_cmpuint (runconf_configuration_get_version (configuration), ==, 0);
  assert_value (configuration, "/map", "{'x': <int64 1>}");
  assert_value (empty, "", "@a{sv} {}");
}

static void
test_wrong_arguments (void)
{
  static const struct
  {
    const char *name;
    const char *defaults;
    RunconfError code;
    const char *part;
  } table[] = {
    { "../x", "@a{sv} {}", RUNCONF_ERROR_INVALID_VALUE, "can't be the name" },
    { "x", "7", RUNCONF_ERROR_INVALID_VALUE, "it has to be a mapping" },
    { "x", "{'a': <handle 1>}", RUNCONF_ERROR_INVALID_VALUE, "/a" },
    { "x", "{'_runtime_config': <1>}", RUNCONF_ERROR_INVALID_PATH, "leave it out" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (runconf_configuration_new_in_memory (
          table[i].name, g_variant_new_parsed (table[i].defaults), &error));
      assert_error (&error, RUNCONF_ERROR, table[i].code, table[i].part);
    }
}

static void
count (GObject *object, GParamSpec *pspec, guint *n)
{
  ++*n;
}

static void
test_changes (void)
{
  g_autoptr (RunconfConfiguration) configuration = make (DEFAULTS);
  g_autoptr (RunconfWatch) watch = runconf_configuration_watch (configuration, "/map", NULL);
  guint n_threads = count_threads (), n_versions = 0;
  Ears all, some;

  ears_open (&all, configuration);
  ears_open (&some, watch);
  turn ();
  g_signal_connect (configuration, "notify::version", G_CALLBACK (count), &n_versions);
  put (configuration, "/port", 9000);
  put (configuration, "/map/x", 2);
  put (configuration, "/map/x", 2);
  g_assert_cmpuint (all.told->len + some.told->len, ==, 0);
  g_assert_cmpuint (runconf_configuration_get_version (configuration), ==, 2);

  turn ();
  g_assert_cmpuint (all.told->len, ==, 2);
  g_assert_cmpstr (all.told->pdata[0], ==, "/port");
  g_assert_cmpstr (all.told->pdata[1], ==, "/map/x");
  g_assert_cmpuint (some.told->len, ==, 1);
  g_assert_cmpstr (some.told->pdata[0], ==, "/map/x");
  g_assert_cmpuint (n_versions, ==, 1);
  g_assert_cmpuint (count_threads (), ==, n_threads);

  ears_close (&all);
  ears_close (&some);
  g_clear_object (&watch);
  put (configuration, "/map/x", 3);
  turn ();
  g_assert_finalize_object (g_steal_pointer (&configuration));
}

static void
test_asynchronous_calls (void)
{
  g_autoptr (RunconfConfiguration) configuration = make (DEFAULTS);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *results[3] = { NULL };
  g_autoptr (GVariant) value = NULL;

  g_cancellable_cancel (cancelled);
  runconf_configuration_set_int64 (configuration, "/port", 1, NULL, take_result, &results[0]);
  runconf_configuration_set_int64 (configuration, "/map/x", 9, cancelled, take_result, &results[1]);
  runconf_configuration_fetch_value (configuration, "/port", NULL, take_result, &results[2]);
  g_assert_null (results[0]);

  turn ();
  g_assert_true (runconf_configuration_set_int64_finish (configuration, results[0], NULL, NULL));
  g_assert_null (g_task_propagate_pointer (G_TASK (results[1]), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  value = runconf_configuration_fetch_value_finish (configuration, results[2], NULL);
  g_assert_cmpint (g_variant_get_int64 (value), ==, 1);
  assert_value (configuration, "/map/x", "int64 1");
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    g_object_unref (results[i]);
}

static void
test_flush (void)
{
  g_autoptr (RunconfConfiguration) configuration = make (DEFAULTS);
  g_autoptr (GError) error = NULL;

  g_assert_true (runconf_configuration_flush_sync (configuration, NULL, &error));
  g_assert_no_error (error);
  runconf_configuration_set_int64 (configuration, "/port/below", 1, NULL, NULL, NULL);
  g_assert_false (runconf_configuration_flush_sync (configuration, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "/port/below");
  turn ();
  g_assert_true (runconf_configuration_flush_sync (configuration, NULL, NULL));
}

static void
test_objects (void)
{
  g_autoptr (RunconfConfiguration) configuration = make (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  g_autoptr (GAction) action = runconf_configuration_create_action (
      configuration, "/flag", g_variant_new_boolean (FALSE), NULL);
  g_autoptr (GListModel) model
      = runconf_configuration_create_children_model (configuration, "/map", NULL);
  g_autoptr (GVariant) state = NULL;
  gint64 number = 0;
  gboolean sensitive = FALSE;

  runconf_configuration_bind (configuration, "/port", G_OBJECT (gadget), "number",
                              RUNCONF_BIND_DEFAULT);
  turn ();
  g_object_get (gadget, "number", &number, "sensitive", &sensitive, NULL);
  g_assert_cmpint (number, ==, 8000);
  g_assert_true (sensitive);

  g_object_set (gadget, "number", (gint64) 7, NULL);
  g_assert_true (runconf_configuration_flush_sync (configuration, NULL, NULL));
  assert_value (configuration, "/port", "int64 7");
  put (configuration, "/port", 8);
  turn ();
  g_object_get (gadget, "number", &number, NULL);
  g_assert_cmpint (number, ==, 8);

  g_assert_true (g_action_get_enabled (action));
  g_action_activate (action, NULL);
  turn ();
  state = g_action_get_state (action);
  g_assert_false (g_variant_get_boolean (state));
  assert_value (configuration, "/flag", "false");

  put (configuration, "/map/y", 2);
  turn ();
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 2);
}

static void
test_calls_that_need_the_service (void)
{
  g_autoptr (RunconfConfiguration) configuration = make (DEFAULTS);
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (GError) error = NULL;
  const char *text = "the configuration “default” is in memory, and ";

  g_assert_null (runconf_configuration_merge_text_sync (configuration, "a: 1", NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, text);

  runconf_transaction_set_value (transaction, "/port", g_variant_new_int64 (1));
  runconf_transaction_set_confirm_timeout (transaction, 60);
  g_assert_null (runconf_configuration_apply_sync (configuration, transaction, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, text);

  runconf_transaction_set_confirm_timeout (transaction, 0);
  runconf_transaction_set_boot (transaction, TRUE);
  g_assert_null (runconf_configuration_apply_sync (configuration, transaction, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, text);
  g_assert_cmpuint (runconf_configuration_get_version (configuration), ==, 0);
}

/* The memory for readers fills up, and is replaced, again and again. */
static void
test_many_large_changes (void)
{
  g_autoptr (RunconfConfiguration) configuration = make (DEFAULTS);
  g_autoptr (RunconfKey) key = runconf_key_new (configuration, "/text", NULL);
  g_autoptr (RunconfSnapshot) first = runconf_configuration_get_snapshot (configuration);
  g_autoptr (RunconfWatch) watch = runconf_configuration_watch (configuration, "/text", NULL);
  Ears ears;

  ears_open (&ears, watch);
  for (guint i = 0; i < 1500; i++)
    {
      g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
      g_autofree char *text = g_strnfill (10000 + i, (char) ('a' + i % 26));
      g_autofree char *read = NULL;
      g_auto (GStrv) changed = NULL;

      runconf_transaction_set_value (transaction, "/text", g_variant_new_string (text));
      changed = runconf_configuration_apply_sync (configuration, transaction, NULL, NULL, NULL);
      read = runconf_key_get_string (key, NULL);
      g_assert_cmpstr (read, ==, text);
      turn ();
      g_assert_cmpuint (ears.told->len, ==, i + 1);
    }

  g_assert_cmpint (runconf_snapshot_get_int64 (first, "/port", 0), ==, 8000);
  g_assert_false (runconf_snapshot_has (first, "/text"));
  ears_close (&ears);
}

static void
test_old_changes_are_forgotten (void)
{
  g_autoptr (RunconfConfiguration) configuration = make (DEFAULTS);
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = NULL;

  for (gint64 i = 1; i <= 1001; i++)
    put (configuration, "/port", i);

  g_assert_null (runconf_configuration_diff_sync (configuration, 0, 1001, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "the oldest is 1");
  g_assert_null (runconf_configuration_diff_sync (configuration, 1, 1002, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "the newest is 1001");
}

#define N_WRITES 3000

typedef struct
{
  RunconfConfiguration *configuration;
  const char *path;
} Writer;

static gpointer
run_writer (gpointer data)
{
  Writer *writer = data;

  for (gint64 i = 1; i <= N_WRITES; i++)
    {
      put (writer->configuration, writer->path, i);
      g_assert_cmpint (runconf_configuration_get_int64 (writer->configuration, writer->path, 0), ==,
                       i);
    }

  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (RunconfConfiguration) configuration = make (DEFAULTS);
  Writer writers[] = { { configuration, "/a" }, { configuration, "/b" }, { configuration, "/c" } };
  GThread *threads[G_N_ELEMENTS (writers)];
  gint64 last = 0;

  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    threads[i] = g_thread_new (NULL, run_writer, &writers[i]);
  while (last < N_WRITES)
    {
      g_autoptr (RunconfWatch) watch = runconf_configuration_watch (configuration, "/a", NULL);
      gint64 value = runconf_configuration_get_int64 (configuration, "/a", 0);

      g_assert_cmpint (value, >=, last);
      last = value;
    }
  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    g_thread_join (threads[i]);

  g_assert_cmpuint (runconf_configuration_get_version (configuration), ==, 3 * N_WRITES);
}

static void
test_objects_are_apart (void)
{
  g_autoptr (RunconfConfiguration) one = make (DEFAULTS);
  g_autoptr (RunconfConfiguration) other = make (DEFAULTS);

  put (one, "/port", 1);
  assert_value (one, "/port", "int64 1");
  assert_value (other, "/port", "int64 8000");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
  g_test_add_func ("/client/memory/first-version", test_first_version);
  g_test_add_func ("/client/memory/wrong-arguments", test_wrong_arguments);
  g_test_add_func ("/client/memory/changes", test_changes);
  g_test_add_func ("/client/memory/asynchronous-calls", test_asynchronous_calls);
  g_test_add_func ("/client/memory/flush", test_flush);
  g_test_add_func ("/client/memory/objects", test_objects);
  g_test_add_func ("/client/memory/calls-that-need-the-service", test_calls_that_need_the_service);
  g_test_add_func ("/client/memory/many-large-changes", test_many_large_changes);
  g_test_add_func ("/client/memory/old-changes-are-forgotten", test_old_changes_are_forgotten);
  g_test_add_func ("/client/memory/threads", test_threads);
  g_test_add_func ("/client/memory/objects-are-apart", test_objects_are_apart);

  return g_test_run ();
}
