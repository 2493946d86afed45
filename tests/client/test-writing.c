/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/call.h"
#include "service.h"

#define DEFAULTS "port: 8000\nname: default\nlist: [a, b]\nmap: {x: 1, y: 2}\n"

static GVariant *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (NULL, text, NULL, NULL, &error);

  g_assert_no_error (error);

  return value;
}

static GVariant *
parse_floating (const char *text)
{
  GVariant *value = g_variant_new_parsed (text);

  g_assert_true (g_variant_is_floating (value));

  return value;
}

static void
test_merge (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GError) error = NULL;
  guint64 version = 0;

  assert_strings (runconf_configuration_merge_sync (
                      configuration, parse_floating ("{'port': <9000>, 'map': <{'x': <5>}>}"),
                      &version, NULL, &error),
                  "/port", "/map/x", NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, 1);
  assert_value (configuration, "/map", "{'x': <int64 5>, 'y': <int64 2>}");

  /* null removes an override, and a merge that changes nothing has no paths and no version of its
   * own
   */
  assert_strings (runconf_configuration_merge_sync (
                      configuration, parse_floating ("{'port': <signature ''>}"), NULL, NULL, NULL),
                  "/port", NULL);
  assert_value (configuration, "/port", "int64 8000");
  assert_strings (runconf_configuration_merge_sync (configuration, parse_floating ("@a{sv} {}"),
                                                    &version, NULL, NULL),
                  NULL);
  g_assert_cmpuint (version, ==, 2);

  /* any type of dictionary is accepted */
  assert_strings (runconf_configuration_merge_sync (configuration, parse_floating ("{'name': 'x'}"),
                                                    NULL, NULL, NULL),
                  "/name", NULL);
}

static void
test_merge_text (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GError) error = NULL;
  guint64 version = 0;

  assert_strings (
      runconf_configuration_merge_text_sync (configuration, "map: {x: 7}", &version, NULL, &error),
      "/map/x", NULL);
  g_assert_cmpuint (version, ==, 1);
  assert_value (configuration, "/map/x", "int64 7");
  assert_strings (runconf_configuration_merge_text_sync (configuration, "{\"map\": {\"x\": null}}",
                                                         NULL, NULL, &error),
                  "/map/x", NULL);
  g_assert_no_error (error);

  g_assert_null (
      runconf_configuration_merge_text_sync (configuration, "map: {x: [1", NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "text:1:");
  g_assert_null (runconf_configuration_merge_text_sync (configuration, "7", NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "mapping");
  g_assert_null (
      runconf_configuration_merge_text_sync (configuration, "a: \xff", NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                "the text: “a: \\xff” isn't valid UTF-8 from byte 3 on");
}

static void
test_save (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GError) error = NULL;
  guint64 version = 0;

  runconf_configuration_set_int64_sync (configuration, "/map/x", 9, NULL, NULL, &error);
  assert_strings (runconf_configuration_save_sync (
                      configuration, parse_floating ("{'port': <1>, 'name': <'default'>}"),
                      &version, NULL, &error),
                  "/port", "/map/x", NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, 2);
  assert_value (configuration, "/map/x", "int64 1");
  assert_value (configuration, "/port", "int64 1");
}

static void
test_refusals (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GVariant) number = parse ("7");
  g_autoptr (GVariant) handle = parse ("{'map': <{'x': <handle 0>}>}");
  g_autoptr (GVariant) metadata = parse ("{'_runtime_config': <1>}");
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_configuration_merge_sync (configuration, number, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                "a value of the D-Bus type i isn't a mapping");
  g_assert_null (runconf_configuration_save_sync (configuration, number, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "isn't a mapping");
  g_assert_null (runconf_configuration_merge_sync (configuration, handle, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "/map/x: ");
  g_assert_null (runconf_configuration_save_sync (configuration, metadata, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "/_runtime_config");
  assert_value (configuration, "/port", "int64 8000");
}

typedef char **(*Finish) (RunconfConfiguration *configuration, GAsyncResult *result,
                          guint64 *version, GError **error);

/* Takes the next result, and expects the changed paths, or an error. */
static void
expect (RunconfConfiguration *configuration, GAsyncResult **place, Finish finish,
        const char *changed, RunconfError code)
{
  g_autoptr (GAsyncResult) result = wait_for_result (place);
  g_autoptr (GError) error = NULL;
  guint64 version = 77;
  char **paths = finish (configuration, result, &version, &error);

  if (changed != NULL)
    {
      g_assert_no_error (error);
      assert_strings (paths, changed, NULL);
      g_assert_cmpuint (version, <, 77);
    }
  else
    {
      g_assert_null (paths);
      assert_error (&error, RUNCONF_ERROR, (int) code, "");
      g_assert_cmpuint (version, ==, 77);
    }
}

static void
test_async (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  GAsyncResult *place = NULL;

  runconf_configuration_merge (configuration, parse_floating ("{'port': <1>}"), NULL, take_result,
                               &place);
  expect (configuration, &place, runconf_configuration_merge_finish, "/port", 0);
  assert_value (configuration, "/port", "int64 1");
  runconf_configuration_merge_text (configuration, "name: x", NULL, take_result, &place);
  expect (configuration, &place, runconf_configuration_merge_text_finish, "/name", 0);
  assert_value (configuration, "/name", "'x'");
  runconf_configuration_save (configuration, parse_floating ("{'port': <1>}"), NULL, take_result,
                              &place);
  expect (configuration, &place, runconf_configuration_save_finish, "/name", 0);
  assert_value (configuration, "/name", "'default'");

  runconf_configuration_merge (configuration, parse_floating ("7"), NULL, take_result, &place);
  expect (configuration, &place, runconf_configuration_merge_finish, NULL,
          RUNCONF_ERROR_INVALID_VALUE);
  runconf_configuration_merge_text (configuration, "[", NULL, take_result, &place);
  expect (configuration, &place, runconf_configuration_merge_text_finish, NULL,
          RUNCONF_ERROR_INVALID_VALUE);
  runconf_configuration_save (configuration, parse_floating ("{'a': <handle 1>}"), NULL,
                              take_result, &place);
  expect (configuration, &place, runconf_configuration_save_finish, NULL,
          RUNCONF_ERROR_INVALID_VALUE);
}

static void
test_no_answer (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  runconf_call_set_timeout (200);
  service_stop (service);
  g_assert_null (runconf_configuration_merge_sync (configuration, parse_floating ("{'port': <1>}"),
                                                   NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "");
  g_assert_null (
      runconf_configuration_merge_text_sync (configuration, "port: 1", NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "");
  runconf_configuration_save (configuration, parse_floating ("{'port': <1>}"), NULL, take_result,
                              &place);
  expect (configuration, &place, runconf_configuration_save_finish, NULL,
          RUNCONF_ERROR_UNAVAILABLE);

  runconf_call_set_timeout (-1);
  runconf_configuration_merge_text (configuration, "port: 1", cancellable, take_result, &place);
  g_cancellable_cancel (cancellable);
  result = wait_for_result (&place);
  g_assert_null (runconf_configuration_merge_text_finish (configuration, result, NULL, &error));
  assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  service_go_on (service);
}

static void
test_denied (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect_as (service, 65534);
  g_autoptr (RunconfConfiguration) configuration = service_open (connection);
  g_autoptr (GError) error = NULL;

  g_assert_null (
      runconf_configuration_merge_text_sync (configuration, "port: 1", NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED, "MergeText: only root");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/writing/merge", test_merge);
  g_test_add_func ("/writing/merge-text", test_merge_text);
  g_test_add_func ("/writing/save", test_save);
  g_test_add_func ("/writing/refusals", test_refusals);
  g_test_add_func ("/writing/async", test_async);
  g_test_add_func ("/writing/no-answer", test_no_answer);
  g_test_add_func ("/writing/denied", test_denied);

  return g_test_run ();
}
