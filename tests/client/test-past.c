/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <unistd.h>

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

  runconf_configuration_set_int64_sync (service->configuration, path, value, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_side (GVariant *value, const char *text)
{
  g_autoptr (GVariant) owned = value;

  if (text == NULL)
    g_assert_null (value);
  else
    assert_printed (value, text);
}

/* @before, @after: (nullable): the printed values */
static void
assert_change (RunconfChange *change, const char *path, const char *before, const char *after)
{
  const char *const *paths = runconf_change_get_paths (change);

  g_assert_cmpstr (paths[0], ==, path);
  g_assert_null (paths[1]);
  assert_side (runconf_change_get_old_value (change, path), before);
  assert_side (runconf_change_get_new_value (change, path), after);
  assert_side (runconf_change_get_new_value (change, "/elsewhere"), NULL);
}

static void
test_history (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  gint64 start = g_get_real_time ();
  g_autolist (RunconfChange) all = NULL;
  g_autolist (RunconfChange) some = NULL;
  g_autolist (RunconfChange) later = NULL;
  g_autoptr (RunconfChange) newest = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  set (service, "/port", 1);
  set (service, "/map/x", 2);
  set (service, "/port", 3);

  all = runconf_configuration_history_sync (configuration, "", 0, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_length (all), ==, 3);
  newest = runconf_change_ref (all->data);
  assert_change (newest, "/port", "1", "3");
  assert_change (all->next->data, "/map/x", NULL, "2");
  g_assert_cmpuint (runconf_change_get_version (newest), ==, 3);
  g_assert_cmpint (runconf_change_get_time (newest), >=, start);
  g_assert_cmpint (runconf_change_get_time (newest), <=, g_get_real_time ());
  g_assert_cmpstr (runconf_change_get_origin (newest), ==, "set");
  g_assert_cmpint (runconf_change_get_layer (newest), ==, RUNCONF_LAYER_OVERRIDE);
  g_assert_cmpint (runconf_change_get_uid (newest), ==, getuid ());
  g_assert_true (g_str_has_prefix (runconf_change_get_caller (newest), ":"));
  g_assert_null (runconf_change_get_message (newest));

  some = runconf_configuration_history_sync (configuration, "/map", 0, 0, NULL, &error);
  g_assert_cmpuint (g_list_length (some), ==, 1);

  runconf_configuration_history (configuration, "", 1, 1, NULL, take_result, &place);
  result = wait_for_result (&place);
  later = runconf_configuration_history_finish (configuration, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_length (later), ==, 1);
  g_assert_cmpuint (runconf_change_get_version (later->data), ==, 3);

  g_assert_null (runconf_configuration_history_sync (configuration, "port", 0, 0, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "not a JSON Pointer");
  g_assert_null (runconf_configuration_history_sync (configuration, "/\xff", 0, 0, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "isn't valid UTF-8");
  g_assert_null (runconf_configuration_history_sync (configuration, "", 0, 10001, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "10000");
}

static void
test_diff (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (RunconfChange) forth = NULL;
  g_autoptr (RunconfChange) back = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  set (service, "/port", 1);
  set (service, "/new", 2);

  forth = runconf_configuration_diff_sync (configuration, 1, 2, NULL, &error);
  g_assert_no_error (error);
  assert_change (forth, "/new", NULL, "2");
  g_assert_cmpuint (runconf_change_get_version (forth), ==, 2);
  g_assert_cmpint (runconf_change_get_uid (forth), ==, -1);
  g_assert_null (runconf_change_get_origin (forth));
  g_assert_cmpint (runconf_change_get_layer (forth), ==, RUNCONF_LAYER_UNKNOWN);

  runconf_configuration_diff (configuration, 2, 1, NULL, take_result, &place);
  result = wait_for_result (&place);
  back = runconf_configuration_diff_finish (configuration, result, &error);
  g_assert_no_error (error);
  assert_change (back, "/new", "2", NULL);
  g_assert_cmpuint (runconf_change_get_version (back), ==, 1);

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

  assert_strings (runconf_configuration_revert_sync (configuration, 1, &version, NULL, &error),
                  "/port", NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, 3);
  assert_value (configuration, "/port", "int64 1");

  runconf_configuration_revert (configuration, 0, NULL, take_result, &place);
  result = wait_for_result (&place);
  assert_strings (runconf_configuration_revert_finish (configuration, result, &version, &error),
                  "/port", NULL);
  g_assert_cmpuint (version, ==, 4);
  assert_value (configuration, "/port", "int64 8000");

  g_assert_null (runconf_configuration_revert_sync (configuration, 99, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "99");
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

/* Applies the transaction as a dry run, and then in both forms. Both have the same result. */
static void
apply_in_all_forms (Service *service, RunconfTransaction *transaction, guint64 before)
{
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  guint64 version = 0;

  runconf_transaction_set_message (transaction, "why");
  runconf_transaction_set_if_version (transaction, before);
  runconf_transaction_set_dry_run (transaction, TRUE);
  assert_strings (
      runconf_configuration_apply_sync (configuration, transaction, &version, NULL, &error),
      "/port", NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, before);

  runconf_transaction_set_dry_run (transaction, FALSE);
  runconf_configuration_apply (configuration, transaction, NULL, take_result, &place);
  result = wait_for_result (&place);
  assert_strings (runconf_configuration_apply_finish (configuration, result, &version, &error),
                  "/port", NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, before + 1);

  g_assert_null (runconf_configuration_apply_sync (configuration, transaction, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH, "");
}

static void
assert_newest (Service *service, const char *origin)
{
  g_autolist (RunconfChange) changes
      = runconf_configuration_history_sync (service->configuration, "", 0, 1, NULL, NULL);

  g_assert_cmpstr (runconf_change_get_origin (changes->data), ==, origin);
  g_assert_cmpstr (runconf_change_get_message (changes->data), ==, "why");
}

static void
test_options (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (RunconfTransaction) text = runconf_transaction_new ();
  g_autoptr (RunconfTransaction) patch = runconf_transaction_new ();
  g_autoptr (RunconfTransaction) back = runconf_transaction_new ();
  g_autoptr (GError) error = NULL;

  runconf_transaction_replace_text (text, "port: 1\n");
  apply_in_all_forms (service, text, 0);
  assert_newest (service, "replace");
  runconf_transaction_merge_text (patch, "{port: 2}");
  apply_in_all_forms (service, patch, 1);
  assert_newest (service, "merge");
  runconf_transaction_revert (back, 1);
  apply_in_all_forms (service, back, 2);
  assert_newest (service, "revert");
  assert_value (configuration, "/port", "int64 1");

  runconf_transaction_set_boot (back, TRUE);
  runconf_transaction_set_if_version (back, G_MAXUINT64);
  g_assert_null (runconf_configuration_apply_sync (configuration, back, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "boot");
}

/* An operation with a method of its own can't be combined with others, in any order. */
static void
test_alone (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);

  for (guint i = 0; i < 8; i++)
    {
      g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
      g_autoptr (GError) error = NULL;

      if (i % 4 == 0)
        runconf_transaction_reset (transaction, "/port");
      if (i < 4)
        runconf_transaction_revert (transaction, 0);
      else
        runconf_transaction_replace_text (transaction, "{}");
      if (i % 4 == 1)
        runconf_transaction_reset (transaction, "/port");
      if (i % 4 == 2)
        runconf_transaction_merge_text (transaction, "{}");
      if (i % 4 == 3)
        runconf_transaction_revert (transaction, 0);
      g_assert_null (runconf_configuration_apply_sync (service->configuration, transaction, NULL,
                                                       NULL, &error));
      assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "a transaction of its own");
    }
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

  assert_strings (runconf_configuration_replace_text_sync (configuration, "# mine\nport: 1\n",
                                                           &version, NULL, &error),
                  "/port", NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, 1);
  assert_value (configuration, "/port", "int64 1");
  text = runconf_configuration_dump_sync (configuration, "", RUNCONF_LAYER_OVERRIDES,
                                          RUNCONF_FORMAT_YAML, RUNCONF_DUMP_NONE, G_MAXUINT64, NULL,
                                          &error);
  g_assert_nonnull (strstr (text, "# mine\n"));

  runconf_configuration_replace_text (configuration, "{}", NULL, take_result, &place);
  result = wait_for_result (&place);
  assert_strings (
      runconf_configuration_replace_text_finish (configuration, result, &version, &error), "/port",
      NULL);
  g_assert_no_error (error);
  assert_value (configuration, "/port", "int64 8000");

  g_assert_null (
      runconf_configuration_replace_text_sync (configuration, "port: [", NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "text:1:");
  g_assert_null (
      runconf_configuration_replace_text_sync (configuration, "\xff", NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "the text: ");
}

static void
test_denied (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect_as (service, 65534);
  g_autoptr (RunconfConfiguration) other = service_open (connection);
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_configuration_replace_text_sync (other, "{}", NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED, "ReplaceText: ");
  g_assert_null (runconf_configuration_revert_sync (other, 0, NULL, NULL, &error));
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
  g_assert_null (runconf_configuration_history_sync (configuration, "", 0, 0, NULL, &error));
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
  g_test_add_func ("/past/options", test_options);
  g_test_add_func ("/past/alone", test_alone);
  g_test_add_func ("/past/denied", test_denied);
  g_test_add_func ("/past/no-answer", test_no_answer);

  return g_test_run ();
}
