/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/call.h"
#include "service.h"

#define DEFAULTS "port: 8000\nmap: {x: 1}\n"

static void
assert_printed (GVariant *value, const char *text)
{
  g_autofree char *printed = g_variant_print (value, FALSE);

  g_assert_cmpstr (printed, ==, text);
}

static void
set (Service *service, const char *path, gint64 value)
{
  g_autoptr (GError) error = NULL;

  runconf_configuration_set_int64_sync (service->configuration, path, value, NULL, &error);
  g_assert_no_error (error);
}

static GVariant *
get_changes (GVariant *history, guint number)
{
  g_autoptr (GVariant) change = g_variant_get_child_value (history, number);

  return g_variant_lookup_value (change, "changes", G_VARIANT_TYPE ("a(svv)"));
}

static void
test_history (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GVariant) all = NULL;
  g_autoptr (GVariant) newest = NULL;
  g_autoptr (GVariant) some = NULL;
  g_autoptr (GVariant) later = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  set (service, "/port", 1);
  set (service, "/map/x", 2);
  set (service, "/port", 3);

  all = runconf_configuration_history_sync (configuration, "", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_is_of_type (all, G_VARIANT_TYPE ("aa{sv}")));
  g_assert_cmpuint (g_variant_n_children (all), ==, 3);
  newest = get_changes (all, 0);
  assert_printed (newest, "[('/port', <int64 1>, <int64 3>)]");

  some = runconf_configuration_history_sync (configuration, "/map", NULL, NULL, &error);
  g_assert_cmpuint (g_variant_n_children (some), ==, 1);

  runconf_configuration_history (configuration, "",
                                 g_variant_new_parsed ("{'since-version': <1>, 'limit': <1>}"),
                                 NULL, take_result, &place);
  result = wait_for_result (&place);
  later = runconf_configuration_history_finish (configuration, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_variant_n_children (later), ==, 1);

  g_assert_null (runconf_configuration_history_sync (configuration, "port", NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "not a JSON Pointer");
  g_assert_null (runconf_configuration_history_sync (configuration, "/\xff", NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "isn't valid UTF-8");
  g_assert_null (runconf_configuration_history_sync (
      configuration, "", g_variant_new_parsed ("{'colour': <1>}"), NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "colour");
}

static void
test_diff (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GVariant) forth = NULL;
  g_autoptr (GVariant) back = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  set (service, "/port", 1);
  set (service, "/new", 2);

  forth = runconf_configuration_diff_sync (configuration, 1, 2, NULL, &error);
  g_assert_no_error (error);
  assert_printed (forth, "[('/new', <(false,)>, <int64 2>)]");

  runconf_configuration_diff (configuration, 2, 1, NULL, take_result, &place);
  result = wait_for_result (&place);
  back = runconf_configuration_diff_finish (configuration, result, &error);
  g_assert_no_error (error);
  assert_printed (back, "[('/new', <int64 2>, <(false,)>)]");

  g_assert_null (runconf_configuration_diff_sync (configuration, 1, 99, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "99");
}

static void
test_revert (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  guint64 version = 0;

  set (service, "/port", 1);
  set (service, "/port", 2);

  assert_strings (runconf_configuration_revert_sync (configuration, 1,
                                                     g_variant_new_parsed ("{'dry-run': <true>}"),
                                                     &version, NULL, &error),
                  "/port", NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, 2);
  assert_value (configuration, "/port", "int64 2");

  assert_strings (
      runconf_configuration_revert_sync (configuration, 1, NULL, &version, NULL, &error), "/port",
      NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, 3);
  assert_value (configuration, "/port", "int64 1");

  runconf_configuration_revert (configuration, 0, NULL, NULL, take_result, &place);
  result = wait_for_result (&place);
  assert_strings (runconf_configuration_revert_finish (configuration, result, &version, &error),
                  "/port", NULL);
  g_assert_cmpuint (version, ==, 4);
  assert_value (configuration, "/port", "int64 8000");

  g_assert_null (runconf_configuration_revert_sync (configuration, 99, NULL, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "99");
  g_assert_null (runconf_configuration_revert_sync (
      configuration, 1, g_variant_new_parsed ("{'if-version': <1>}"), NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH, "");
}

static void
test_confirm (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  GAsyncResult *result;
  guint64 version = 0;

  runconf_transaction_set_value (transaction, "/port", g_variant_new_int64 (1));
  runconf_transaction_set_confirm_timeout (transaction, 1);
  g_strfreev (
      runconf_configuration_apply_sync (configuration, transaction, &version, NULL, &error));
  g_assert_no_error (error);

  g_assert_false (runconf_configuration_confirm_sync (configuration, version + 1, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "");
  runconf_configuration_confirm (configuration, version, NULL, take_result, &place);
  result = wait_for_result (&place);
  g_assert_true (runconf_configuration_confirm_finish (configuration, result, &error));
  g_assert_no_error (error);
  g_object_unref (result);
  g_assert_false (runconf_configuration_confirm_sync (configuration, version, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "");

  /* the same again, without a confirmation */
  runconf_transaction_set_value (transaction, "/port", g_variant_new_int64 (2));
  g_strfreev (
      runconf_configuration_apply_sync (configuration, transaction, &version, NULL, &error));
  assert_value (configuration, "/port", "int64 2");
  world_wait_until (runconf_configuration_get_int64 (configuration, "/port", 0) == 1);
}

static void
test_replace_text (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  guint64 version = 0;

  assert_strings (runconf_configuration_replace_text_sync (configuration, "# mine\nport: 1\n", NULL,
                                                           &version, NULL, &error),
                  "/port", NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, 1);
  assert_value (configuration, "/port", "int64 1");
  text = runconf_configuration_dump_sync (configuration, "", "overrides", "yaml", NULL, NULL,
                                          &error);
  g_assert_nonnull (strstr (text, "# mine\n"));

  runconf_configuration_replace_text (configuration, "{}",
                                      g_variant_new_parsed ("{'message': <'gone'>}"), NULL,
                                      take_result, &place);
  result = wait_for_result (&place);
  assert_strings (
      runconf_configuration_replace_text_finish (configuration, result, &version, &error), "/port",
      NULL);
  g_assert_no_error (error);
  assert_value (configuration, "/port", "int64 8000");

  g_assert_null (
      runconf_configuration_replace_text_sync (configuration, "port: [", NULL, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "text:1:");
  g_assert_null (
      runconf_configuration_replace_text_sync (configuration, "\xff", NULL, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "the text: ");
  g_assert_null (runconf_configuration_replace_text_sync (
      configuration, "{}", g_variant_new_parsed ("{'message': <1>}"), NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "message");
}

static void
test_denied (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect_as (service, 65534);
  g_autoptr (RunconfConfiguration) other = service_open (connection);
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_configuration_replace_text_sync (other, "{}", NULL, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED, "ReplaceText: ");
  g_assert_null (runconf_configuration_revert_sync (other, 0, NULL, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED, "Revert: ");
  g_assert_false (runconf_configuration_confirm_sync (other, 0, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED, "Confirm: ");
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
  g_assert_null (runconf_configuration_history_sync (configuration, "", NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "");
  g_assert_false (runconf_configuration_confirm_sync (configuration, 1, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "");
  runconf_call_set_timeout (-1);

  g_cancellable_cancel (cancellable);
  g_assert_null (runconf_configuration_diff_sync (configuration, 0, 1, cancellable, &error));
  assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  service_go_on (service);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/past/history", test_history);
  g_test_add_func ("/past/diff", test_diff);
  g_test_add_func ("/past/revert", test_revert);
  g_test_add_func ("/past/confirm", test_confirm);
  g_test_add_func ("/past/replace-text", test_replace_text);
  g_test_add_func ("/past/denied", test_denied);
  g_test_add_func ("/past/no-answer", test_no_answer);

  return g_test_run ();
}
