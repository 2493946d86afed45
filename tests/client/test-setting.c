/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "client/call.h"
#include "service.h"

#define DEFAULTS                                                                                   \
  "flag: true\nport: 8000\nratio: 0.5\nname: default\nlist: [a, b]\nmap: {x: 1, y: 2}\n"

static void
test_types (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  const char *const strings[] = { "c", "", "é", NULL };
  const char *const none[] = { NULL };
  g_autoptr (GError) error = NULL;

  runconf_configuration_set_boolean_sync (configuration, "/flag", FALSE, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_value (configuration, "/flag", "false");
  runconf_configuration_set_int64_sync (configuration, "/port", G_MININT64, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_value (configuration, "/port", "int64 -9223372036854775808");
  runconf_configuration_set_double_sync (configuration, "/ratio", 2.0, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_value (configuration, "/ratio", "2.0");
  runconf_configuration_set_string_sync (configuration, "/name", "yes: ünï", NULL, NULL, &error);
  g_assert_no_error (error);
  assert_value (configuration, "/name", "'yes: ünï'");
  runconf_configuration_set_strv_sync (configuration, "/list", strings, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_value (configuration, "/list", "[<'c'>, <''>, <'é'>]");
  runconf_configuration_set_strv_sync (configuration, "/list", none, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_value (configuration, "/list", "@av []");
}

/* Each write of one path returns the version that contains it. */
static void
test_versions (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  guint64 version = 0;

  runconf_configuration_set_int64_sync (configuration, "/port", 1, &version, NULL, &error);
  g_assert_cmpuint (version, ==, 1);
  runconf_configuration_set_int64_sync (configuration, "/port", 1, &version, NULL, &error);
  g_assert_cmpuint (version, ==, 1);
  runconf_configuration_unset_sync (configuration, "/port", &version, NULL, &error);
  g_assert_cmpuint (version, ==, 2);
  runconf_configuration_replace_value_sync (configuration, "/port", g_variant_new_int64 (3),
                                            &version, NULL, &error);
  g_assert_cmpuint (version, ==, 3);
  runconf_configuration_reset_sync (configuration, "/port", &version, NULL, &error);
  g_assert_cmpuint (version, ==, 4);
  runconf_configuration_set_string (configuration, "/name", "x", NULL, take_result, &place);
  result = wait_for_result (&place);
  g_assert_true (runconf_configuration_set_string_finish (configuration, result, &version, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, 5);
  g_assert_cmpuint (runconf_configuration_get_version (configuration), ==, 5);

  version = 77;
  g_assert_false (
      runconf_configuration_set_int64_sync (configuration, "x", 1, &version, NULL, NULL));
  g_assert_cmpuint (version, ==, 77);
}

static void
test_values (void)
{
  static const struct
  {
    const char *given;
    const char *read;
  } values[] = {
    { "byte 0x07", "int64 7" },
    { "int16 -7", "int64 -7" },
    { "uint16 7", "int64 7" },
    { "int32 7", "int64 7" },
    { "uint32 7", "int64 7" },
    { "uint64 18446744073709551615", "uint64 18446744073709551615" },
    { "objectpath '/a/b'", "'/a/b'" },
    { "(1, 'a', true)", "[<int64 1>, <'a'>, <true>]" },
    { "[[1, 2], [3]]", "[<[<int64 1>, <int64 2>]>, <[<int64 3>]>]" },
    { "{'a': {'b': <1>}}", "{'a': <{'b': <int64 1>}>}" },
    { "<<<7>>>", "int64 7" },
    { "()", "@av []" },
    { "b'ab'", "b'ab'" },
    { "signature ''", "signature ''" },
  };
  g_autoptr (Service) service = service_new (DEFAULTS);

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GError) error = NULL;
      GVariant *value = g_variant_parse (NULL, values[i].given, NULL, NULL, &error);

      g_assert_no_error (error);
      runconf_configuration_set_value_sync (service->configuration, "/new", value, NULL, NULL,
                                            &error);
      g_assert_no_error (error);
      assert_value (service->configuration, "/new", values[i].read);
      g_variant_unref (value);
    }
}

/* A floating value is sunk, another one still belongs to its owner. */
static void
test_ownership (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  GVariant *floating = g_variant_new_int64 (1);
  g_autoptr (GVariant) owned = g_variant_ref_sink (g_variant_new_int64 (2));
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *place = NULL;

  g_assert_true (runconf_configuration_set_value_sync (service->configuration, "/port", floating,
                                                       NULL, NULL, NULL));
  g_assert_true (runconf_configuration_set_value_sync (service->configuration, "/port", owned, NULL,
                                                       NULL, NULL));
  runconf_configuration_set_value (service->configuration, "/port", owned, NULL, take_result,
                                   &place);
  result = wait_for_result (&place);
  g_assert_true (
      runconf_configuration_set_value_finish (service->configuration, result, NULL, NULL));
  g_assert_cmpint (g_variant_get_int64 (owned), ==, 2);
}

/* Each asynchronous function: the value that it wrote can be read in its callback. */
typedef struct
{
  RunconfConfiguration *configuration;
  guint n_done;
} Counter;

static void
on_boolean_set (GObject *object, GAsyncResult *result, gpointer data)
{
  Counter *counter = data;

  g_assert_true (
      runconf_configuration_set_boolean_finish (counter->configuration, result, NULL, NULL));
  g_assert_false (runconf_configuration_get_boolean (counter->configuration, "/flag", TRUE));
  counter->n_done++;
}

static void
on_int64_set (GObject *object, GAsyncResult *result, gpointer data)
{
  Counter *counter = data;

  g_assert_true (
      runconf_configuration_set_int64_finish (counter->configuration, result, NULL, NULL));
  g_assert_cmpint (runconf_configuration_get_int64 (counter->configuration, "/port", 0), ==, 9000);
  counter->n_done++;
}

static void
on_double_set (GObject *object, GAsyncResult *result, gpointer data)
{
  Counter *counter = data;

  g_assert_true (
      runconf_configuration_set_double_finish (counter->configuration, result, NULL, NULL));
  g_assert_cmpfloat (runconf_configuration_get_double (counter->configuration, "/ratio", 0), ==,
                     0.25);
  counter->n_done++;
}

static void
on_string_set (GObject *object, GAsyncResult *result, gpointer data)
{
  Counter *counter = data;
  g_autofree char *name = NULL;

  g_assert_true (
      runconf_configuration_set_string_finish (counter->configuration, result, NULL, NULL));
  name = runconf_configuration_get_string (counter->configuration, "/name", NULL);
  g_assert_cmpstr (name, ==, "new");
  counter->n_done++;
}

static void
on_strv_set (GObject *object, GAsyncResult *result, gpointer data)
{
  Counter *counter = data;

  g_assert_true (
      runconf_configuration_set_strv_finish (counter->configuration, result, NULL, NULL));
  assert_strings (runconf_configuration_get_strv (counter->configuration, "/list", NULL), "z",
                  NULL);
  counter->n_done++;
}

static void
on_reset (GObject *object, GAsyncResult *result, gpointer data)
{
  Counter *counter = data;

  g_assert_true (runconf_configuration_reset_finish (counter->configuration, result, NULL, NULL));
  g_assert_cmpint (runconf_configuration_get_int64 (counter->configuration, "/port", 0), ==, 8000);
  counter->n_done++;
}

static void
on_unset (GObject *object, GAsyncResult *result, gpointer data)
{
  Counter *counter = data;

  g_assert_true (runconf_configuration_unset_finish (counter->configuration, result, NULL, NULL));
  g_assert_false (runconf_configuration_has (counter->configuration, "/port"));
  counter->n_done++;
}

static void
on_replaced (GObject *object, GAsyncResult *result, gpointer data)
{
  Counter *counter = data;

  g_assert_true (
      runconf_configuration_replace_value_finish (counter->configuration, result, NULL, NULL));
  assert_value (counter->configuration, "/map", "{'z': <int64 1>}");
  counter->n_done++;
}

static void
test_async (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  const char *const strings[] = { "z", NULL };
  Counter counter = { configuration, 0 };

  runconf_configuration_set_boolean (configuration, "/flag", FALSE, NULL, on_boolean_set, &counter);
  runconf_configuration_set_int64 (configuration, "/port", 9000, NULL, on_int64_set, &counter);
  runconf_configuration_set_double (configuration, "/ratio", 0.25, NULL, on_double_set, &counter);
  runconf_configuration_set_string (configuration, "/name", "new", NULL, on_string_set, &counter);
  runconf_configuration_set_strv (configuration, "/list", strings, NULL, on_strv_set, &counter);
  world_wait_until (counter.n_done == 5);
  runconf_configuration_reset (configuration, "/port", NULL, on_reset, &counter);
  world_wait_until (counter.n_done == 6);
  runconf_configuration_unset (configuration, "/port", NULL, on_unset, &counter);
  runconf_configuration_replace_value (configuration, "/map", g_variant_new_parsed ("{'z': 1}"),
                                       NULL, on_replaced, &counter);
  world_wait_until (counter.n_done == 8);
}

static void
test_reset (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GError) error = NULL;

  runconf_configuration_set_int64_sync (configuration, "/port", 1, NULL, NULL, &error);
  runconf_configuration_set_int64_sync (configuration, "/map/x", 3, NULL, NULL, &error);
  runconf_configuration_set_int64_sync (configuration, "/new/deep", 3, NULL, NULL, &error);
  g_assert_no_error (error);

  g_assert_true (runconf_configuration_reset_sync (configuration, "/port", NULL, NULL, &error));
  assert_value (configuration, "/port", "int64 8000");
  assert_value (configuration, "/map/x", "int64 3");
  g_assert_true (runconf_configuration_reset_sync (configuration, "", NULL, NULL, &error));
  assert_value (configuration, "/map/x", "int64 1");
  g_assert_false (runconf_configuration_has (configuration, "/new"));

  runconf_configuration_reset_sync (configuration, "/nothing", NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "/nothing");
  runconf_configuration_reset_sync (configuration, "/list/0", NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "can't be reset alone");
}

static void
test_unset (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GError) error = NULL;

  g_assert_true (runconf_configuration_unset_sync (configuration, "/port", NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (runconf_configuration_has (configuration, "/port"));
  g_assert_cmpint (runconf_configuration_get_int64 (configuration, "/port", 7), ==, 7);
  g_assert_true (runconf_configuration_reset_sync (configuration, "/port", NULL, NULL, &error));
  assert_value (configuration, "/port", "int64 8000");

  runconf_configuration_unset_sync (configuration, "/nothing", NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "/nothing");
  runconf_configuration_unset_sync (configuration, "/list/0", NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "can't be unset alone");
  runconf_configuration_unset_sync (configuration, "port", NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "like “/port”");
}

static void
test_replace (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GError) error = NULL;

  g_assert_true (runconf_configuration_replace_value_sync (
      configuration, "/map", g_variant_new_parsed ("{'z': 1}"), NULL, NULL, &error));
  g_assert_no_error (error);
  assert_value (configuration, "/map", "{'z': <int64 1>}");
  runconf_configuration_replace_value_sync (configuration, "", g_variant_new_parsed ("{'z': 1}"),
                                            NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "can't be replaced");
  runconf_configuration_replace_value_sync (configuration, "/map", g_variant_new_handle (1), NULL,
                                            NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "/map");
}

static void
test_sequences (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GError) error = NULL;

  runconf_configuration_set_string_sync (configuration, "/list/0", "A", NULL, NULL, &error);
  runconf_configuration_set_string_sync (configuration, "/list/-", "c", NULL, NULL, &error);
  g_assert_no_error (error);
  assert_value (configuration, "/list", "[<'A'>, <'b'>, <'c'>]");
  runconf_configuration_set_string_sync (configuration, "/list/9", "x", NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "past the end");
}

/* Values that the service refuses, and values that are never sent. */
static void
test_refusals (void)
{
  const char *const strings[] = { "fine", "\xff", NULL };
  static const struct
  {
    const char *value;
    RunconfError code;
    const char *part;
  } values[] = {
    { "handle 0", RUNCONF_ERROR_INVALID_VALUE, "of the D-Bus type h can't be stored" },
    { "{'a': <[handle 0]>}", RUNCONF_ERROR_INVALID_VALUE, "/new/a/0: a value of the D-Bus type h" },
    { "just 1", RUNCONF_ERROR_INVALID_VALUE, "of the D-Bus type mi can't be stored" },
    { "{1: 'a'}", RUNCONF_ERROR_INVALID_VALUE, "the keys of a mapping are strings" },
    { "signature 's'", RUNCONF_ERROR_INVALID_VALUE, "send text as a string" },
    { "{'a', 1}", RUNCONF_ERROR_INVALID_VALUE, "can't be stored" },
  };
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GVariant) value = g_variant_parse (NULL, values[i].value, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_false (
          runconf_configuration_set_value_sync (configuration, "/new", value, NULL, NULL, &error));
      assert_error (&error, RUNCONF_ERROR, values[i].code, values[i].part);
    }

  runconf_configuration_set_int64_sync (configuration, "port", 1, NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "like “/port”");
  runconf_configuration_set_int64_sync (configuration, "/port/x", 1, NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "can't be written below");
  runconf_configuration_set_int64_sync (configuration, "/p\xff", 1, NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
                "the path: “/p\\xff” isn't valid UTF-8 from byte 2 on: text has to be in UTF-8");
  runconf_configuration_reset_sync (configuration, "/p\xff", NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "isn't valid UTF-8");
  runconf_configuration_set_string_sync (configuration, "/name", "\xc3(", NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                "/name: “\\xc3(” isn't valid UTF-8");
  runconf_configuration_set_strv_sync (configuration, "/list", strings, NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                "/list/1: “\\xff” isn't valid UTF-8");
  runconf_configuration_set_int64_sync (configuration, "", 1, NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "it has to be a mapping");

  /* and the connection still works */
  g_assert_true (
      runconf_configuration_set_int64_sync (configuration, "/port", 1, NULL, NULL, &error));
  g_assert_no_error (error);
}

/* The bus would disconnect the sender of these. */
static void
test_too_large (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autofree char *text = g_strnfill (40 * 1024 * 1024, 'x');
  g_autoptr (GVariant) deep = g_variant_ref_sink (g_variant_new_int64 (1));
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *place = NULL;

  runconf_configuration_set_string_sync (configuration, "/name", text, NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
                "doesn't fit in a message of the bus");
  runconf_configuration_set_string (configuration, "/name", text, NULL, take_result, &place);
  result = wait_for_result (&place);
  runconf_configuration_set_string_finish (configuration, result, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
                "doesn't fit in a message of the bus");
  text[1024] = '\0';
  text[1023] = '/';
  text[0] = '/';
  runconf_configuration_set_int64_sync (configuration, text, 1, NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE, "a key holds at most");

  for (guint i = 0; i < 64; i++)
    {
      g_autoptr (GVariant) below = g_steal_pointer (&deep);
      GVariant *inner = g_variant_new_variant (below);

      deep = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE_VARIANT, &inner, 1));
    }
  runconf_configuration_set_value_sync (configuration, "/new", deep, NULL, NULL, &error);
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE, "nested too deeply");

  g_assert_true (
      runconf_configuration_set_int64_sync (configuration, "/port", 1, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
test_async_refusal (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) local = NULL;
  g_autoptr (GAsyncResult) remote = NULL;

  runconf_configuration_set_int64 (service->configuration, "\xff", 1, NULL, take_result, &place);
  g_assert_null (place);
  local = wait_for_result (&place);
  g_assert_false (
      runconf_configuration_set_int64_finish (service->configuration, local, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "isn't valid UTF-8");

  runconf_configuration_reset (service->configuration, "port", NULL, take_result, &place);
  remote = wait_for_result (&place);
  g_assert_false (
      runconf_configuration_reset_finish (service->configuration, remote, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "not a JSON Pointer");
}

static void
test_cancelled (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) before = NULL;
  g_autoptr (GAsyncResult) during = NULL;

  service_stop (service);
  runconf_configuration_set_int64 (service->configuration, "/port", 1, cancellable, take_result,
                                   &place);
  wait_a_moment ();
  g_assert_null (place);
  g_cancellable_cancel (cancellable);
  during = wait_for_result (&place);
  runconf_configuration_set_int64_finish (service->configuration, during, NULL, &error);
  assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "");

  runconf_configuration_set_int64 (service->configuration, "/port", 1, cancellable, take_result,
                                   &place);
  before = wait_for_result (&place);
  runconf_configuration_set_int64_finish (service->configuration, before, NULL, &error);
  assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  g_assert_false (runconf_configuration_set_int64_sync (service->configuration, "/port", 1, NULL,
                                                        cancellable, &error));
  assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  service_go_on (service);
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (100 * 1000);
  g_cancellable_cancel (data);

  return NULL;
}

static void
test_cancelled_while_waiting (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_autoptr (GError) error = NULL;

  service_stop (service);
  g_assert_false (runconf_configuration_set_int64_sync (service->configuration, "/port", 1, NULL,
                                                        cancellable, &error));
  assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  g_thread_join (thread);
  service_go_on (service);
}

static void
test_no_answer (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  runconf_call_set_timeout (200);
  service_stop (service);
  g_assert_false (runconf_configuration_set_int64_sync (service->configuration, "/port", 1, NULL,
                                                        NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "");
  runconf_configuration_set_int64 (service->configuration, "/port", 1, NULL, take_result, &place);
  result = wait_for_result (&place);
  g_assert_false (
      runconf_configuration_set_int64_finish (service->configuration, result, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "");
  service_go_on (service);
  runconf_call_set_timeout (-1);
}

/* The service dies in the middle of a call, and is away for the next one. */
static void
test_killed (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  service_stop (service);
  runconf_configuration_set_int64 (service->configuration, "/port", 1, NULL, take_result, &place);
  wait_a_moment ();
  world_kill_service (&service->world);
  result = wait_for_result (&place);
  g_assert_false (
      runconf_configuration_set_int64_finish (service->configuration, result, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "");
  g_assert_false (runconf_configuration_set_int64_sync (service->configuration, "/port", 1, NULL,
                                                        NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "");
}

static void
test_denied (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect_as (service, 65534);
  g_autoptr (RunconfConfiguration) configuration = service_open (connection);
  g_autoptr (GError) error = NULL;

  g_assert_false (
      runconf_configuration_set_int64_sync (configuration, "/port", 1, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED, "only root");
  assert_value (service->configuration, "/port", "int64 8000");
}

/* A link that is made while the daemon runs leads to the defaults, which are never written. */
static void
test_storage_failed (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GError) error = NULL;

  g_unlink (service->runtime);
  g_assert_cmpint (symlink ("config.yaml", service->runtime), ==, 0);
  g_assert_false (runconf_configuration_set_int64_sync (service->configuration, "/port", 1, NULL,
                                                        NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_STORAGE_FAILED, "is the file of the defaults");
  assert_value (service->configuration, "/port", "int64 8000");
}

/* Any thread may write, and reads its own writes. */
static gpointer
write_in_thread (gpointer data)
{
  RunconfConfiguration *configuration = data;
  g_autofree char *path = g_strdup_printf ("/threads/t%p", (gpointer) g_thread_self ());

  for (gint64 i = 0; i < 25; i++)
    {
      g_assert_true (
          runconf_configuration_set_int64_sync (configuration, path, i, NULL, NULL, NULL));
      g_assert_cmpint (runconf_configuration_get_int64 (configuration, path, -1), ==, i);
    }

  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("write", write_in_thread, service->configuration);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

typedef struct
{
  RunconfConfiguration *configuration;
  char *text;
  guint n_left;
} Writer;

static void on_text_set (GObject *object, GAsyncResult *result, gpointer data);

static void
set_text (Writer *writer)
{
  writer->text[0] = 'a' + writer->n_left % 26;
  runconf_configuration_set_string (writer->configuration, "/name", writer->text, NULL, on_text_set,
                                    writer);
}

static void
on_text_set (GObject *object, GAsyncResult *result, gpointer data)
{
  Writer *writer = data;
  g_autofree char *text = NULL;

  g_assert_true (
      runconf_configuration_set_string_finish (writer->configuration, result, NULL, NULL));
  text = runconf_configuration_get_string (writer->configuration, "/name", NULL);
  g_assert_cmpint (text[0], ==, writer->text[0]);
  if (--writer->n_left > 0)
    set_text (writer);
}

/* The shared memory is replaced several times. */
static void
test_large_writes (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autofree char *text = g_strnfill (256 * 1024, 'x');
  Writer writer = { configuration, text, 12 };

  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *read = NULL;

      text[0] = 'a' + i % 26;
      g_assert_true (
          runconf_configuration_set_string_sync (configuration, "/name", text, NULL, NULL, NULL));
      read = runconf_configuration_get_string (configuration, "/name", NULL);
      g_assert_cmpint (read[0], ==, text[0]);
    }

  set_text (&writer);
  world_wait_until (writer.n_left == 0);
}

/* The callback is called in the context of the call. */
static void
test_context (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GMainContext) context = g_main_context_new ();
  GAsyncResult *place = NULL;

  g_main_context_push_thread_default (context);
  runconf_configuration_set_int64 (service->configuration, "/port", 1, NULL, take_result, &place);
  g_main_context_pop_thread_default (context);

  wait_a_moment ();
  g_assert_null (place);
  while (place == NULL)
    g_main_context_iteration (context, TRUE);
  g_assert_true (
      runconf_configuration_set_int64_finish (service->configuration, place, NULL, NULL));
  g_object_unref (place);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/setting/types", test_types);
  g_test_add_func ("/setting/versions", test_versions);
  g_test_add_func ("/setting/values", test_values);
  g_test_add_func ("/setting/ownership", test_ownership);
  g_test_add_func ("/setting/async", test_async);
  g_test_add_func ("/setting/reset", test_reset);
  g_test_add_func ("/setting/unset", test_unset);
  g_test_add_func ("/setting/replace", test_replace);
  g_test_add_func ("/setting/sequences", test_sequences);
  g_test_add_func ("/setting/refusals", test_refusals);
  g_test_add_func ("/setting/too-large", test_too_large);
  g_test_add_func ("/setting/async-refusal", test_async_refusal);
  g_test_add_func ("/setting/cancelled", test_cancelled);
  g_test_add_func ("/setting/cancelled-while-waiting", test_cancelled_while_waiting);
  g_test_add_func ("/setting/no-answer", test_no_answer);
  g_test_add_func ("/setting/killed", test_killed);
  g_test_add_func ("/setting/denied", test_denied);
  g_test_add_func ("/setting/storage-failed", test_storage_failed);
  g_test_add_func ("/setting/threads", test_threads);
  g_test_add_func ("/setting/large-writes", test_large_writes);
  g_test_add_func ("/setting/context", test_context);

  return g_test_run ();
}
