/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/call.h"
#include "client/transaction-private.h"
#include "service.h"

#define DEFAULTS "port: 8000\nname: default\nlist: [a, b]\nmap: {x: 1, y: 2}\n"

static void
assert_arguments (RunconfTransaction *transaction, const char *text)
{
  g_autoptr (GError) error = NULL;
  RunconfMethod method;
  g_autoptr (GVariant) arguments = NULL;
  g_autofree char *printed = NULL;

  arguments
      = g_variant_ref_sink (runconf_transaction_make_arguments (transaction, &method, &error));
  g_assert_cmpint (method, ==, RUNCONF_METHOD_APPLY);
  g_assert_no_error (error);
  printed = g_variant_print (arguments, FALSE);
  g_assert_cmpstr (printed, ==, text);
}

/* Options are sent only if they are set. */
static void
test_arguments (void)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();

  assert_arguments (transaction, "([], {})");
  runconf_transaction_set_value (transaction, "/a", g_variant_new_int32 (1));
  runconf_transaction_merge (transaction, "/m", g_variant_new_parsed ("{'b': 2}"));
  runconf_transaction_reset (transaction, "/c");
  runconf_transaction_save (transaction, g_variant_new_parsed ("@a{sv} {}"));
  runconf_transaction_unset (transaction, "/d");
  runconf_transaction_replace_value (transaction, "/e", g_variant_new_parsed ("{'f': 3}"));
  assert_arguments (transaction,
                    "([('set', '/a', <int64 1>), ('merge', '/m', <{'b': <int64 2>}>), "
                    "('reset', '/c', <signature ''>), ('save', '', <@a{sv} {}>), "
                    "('unset', '/d', <signature ''>), ('replace', '/e', <{'f': <int64 3>}>)], {})");
  g_clear_object (&transaction);

  transaction = runconf_transaction_new ();
  runconf_transaction_merge (transaction, "/as-it-is",
                             g_variant_new_parsed ("{'a': <[<int64 1>, <'x'>]>, 'b': <2.5>}"));
  runconf_transaction_merge (transaction, "/in-part",
                             g_variant_new_parsed ("{'a': <int64 1>, 'b': <[<byte 2>]>}"));
  runconf_transaction_set_value (transaction, "/boxed", g_variant_new_parsed ("<int64 1>"));
  assert_arguments (transaction,
                    "([('merge', '/as-it-is', <{'a': <[<int64 1>, <'x'>]>, 'b': <2.5>}>), "
                    "('merge', '/in-part', <{'a': <int64 1>, 'b': <[<int64 2>]>}>), "
                    "('set', '/boxed', <int64 1>)], {})");
  g_clear_object (&transaction);

  transaction = g_object_new (RUNCONF_TYPE_TRANSACTION, "if-version", (guint64) 5, "message", "why",
                              "dry-run", TRUE, "confirm-timeout", 60, "report-overrides", TRUE,
                              "boot", TRUE, NULL);
  assert_arguments (
      transaction,
      "([], {'if-version': <uint64 5>, 'message': <'why'>, 'dry-run': "
      "<true>, 'confirm-timeout': <uint32 60>, 'report-overrides': <true>, 'boot': <true>})");
  runconf_transaction_set_if_version (transaction, G_MAXUINT64);
  runconf_transaction_set_message (transaction, NULL);
  runconf_transaction_set_dry_run (transaction, FALSE);
  runconf_transaction_set_confirm_timeout (transaction, 0);
  runconf_transaction_set_report_overrides (transaction, FALSE);
  runconf_transaction_set_boot (transaction, FALSE);
  assert_arguments (transaction, "([], {})");
}

static void
count (guint *n_notified)
{
  ++*n_notified;
}

static void
test_properties (void)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autofree char *message = NULL;
  guint64 version;
  gboolean is_dry_run, reports_overrides;
  guint confirm_timeout, n_notified = 0;

  g_object_get (transaction, "if-version", &version, "message", &message, "dry-run", &is_dry_run,
                "confirm-timeout", &confirm_timeout, "report-overrides", &reports_overrides, NULL);
  g_assert_false (reports_overrides);
  g_assert_cmpuint (confirm_timeout, ==, 0);
  g_assert_cmpuint (version, ==, G_MAXUINT64);
  g_assert_null (message);
  g_assert_false (is_dry_run);

  g_signal_connect_swapped (transaction, "notify", G_CALLBACK (count), &n_notified);
  runconf_transaction_set_if_version (transaction, 3);
  runconf_transaction_set_if_version (transaction, 3);
  runconf_transaction_set_message (transaction, "why");
  runconf_transaction_set_message (transaction, "why");
  runconf_transaction_set_dry_run (transaction, TRUE);
  runconf_transaction_set_dry_run (transaction, 2);
  runconf_transaction_set_confirm_timeout (transaction, 60);
  runconf_transaction_set_confirm_timeout (transaction, 60);
  runconf_transaction_set_report_overrides (transaction, TRUE);
  runconf_transaction_set_report_overrides (transaction, 2);
  g_assert_cmpuint (n_notified, ==, 5);

  g_object_get (transaction, "if-version", &version, "message", &message, "dry-run", &is_dry_run,
                "confirm-timeout", &confirm_timeout, "report-overrides", &reports_overrides, NULL);
  g_assert_true (reports_overrides);
  g_assert_cmpuint (confirm_timeout, ==, 60);
  g_assert_cmpuint (version, ==, 3);
  g_assert_cmpstr (message, ==, "why");
  g_assert_true (is_dry_run);
}

/* The first change that can't be sent is reported when the transaction is applied. */
static void
test_refusals (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (RunconfTransaction) message = runconf_transaction_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  runconf_transaction_set_value (transaction, "/port", g_variant_new_int64 (1));
  runconf_transaction_set_value (transaction, "/x", g_variant_new_handle (0));
  runconf_transaction_reset (transaction, "/\xff");
  g_assert_null (
      runconf_configuration_apply_sync (service->configuration, transaction, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                "operation 2: /x: a value of the D-Bus type h");
  runconf_configuration_apply (service->configuration, transaction, NULL, take_result, &place);
  result = wait_for_result (&place);
  g_assert_null (runconf_configuration_apply_finish (service->configuration, result, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "operation 2: ");

  runconf_transaction_set_message (message, "\xff");
  g_assert_null (
      runconf_configuration_apply_sync (service->configuration, message, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "the message: ");
  assert_value (service->configuration, "/port", "int64 8000");
}

static void
test_apply (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (GError) error = NULL;
  guint64 version = 0;

  runconf_configuration_set_int64_sync (configuration, "/map/y", 20, NULL, NULL, &error);
  runconf_transaction_set_value (transaction, "/port", g_variant_new_int64 (1));
  runconf_transaction_merge (transaction, "/map", g_variant_new_parsed ("{'x': <10>}"));
  runconf_transaction_reset (transaction, "/map/y");
  assert_strings (
      runconf_configuration_apply_sync (configuration, transaction, &version, NULL, &error),
      "/port", "/map/x", "/map/y", NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, 2);
  assert_value (configuration, "",
                "{'port': <int64 1>, 'name': <'default'>, 'list': <[<'a'>, "
                "<'b'>]>, 'map': <{'x': <int64 10>, 'y': <int64 2>}>}");

  /* once more: nothing changes, and there is no new version */
  assert_strings (
      runconf_configuration_apply_sync (configuration, transaction, &version, NULL, &error), NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, 2);
}

/* All of them or none. */
static void
test_all_or_none (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (GError) error = NULL;

  runconf_transaction_set_value (transaction, "/port", g_variant_new_int64 (1));
  runconf_transaction_set_value (transaction, "/name/x", g_variant_new_int64 (1));
  g_assert_null (
      runconf_configuration_apply_sync (service->configuration, transaction, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "can't be written below");
  assert_value (service->configuration, "/port", "int64 8000");
}

static void
test_empty (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (GError) error = NULL;
  guint64 version = 77;

  assert_strings (runconf_configuration_apply_sync (service->configuration, transaction, &version,
                                                    NULL, &error),
                  NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, 0);
}

static void
test_if_version (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (GError) error = NULL;
  guint64 version = 0;

  runconf_configuration_set_int64_sync (configuration, "/port", 1, NULL, NULL, &error);
  runconf_transaction_set_value (transaction, "/port", g_variant_new_int64 (2));
  runconf_transaction_set_if_version (transaction, 0);
  g_assert_null (runconf_configuration_apply_sync (configuration, transaction, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH, "at version 1, not at 0");

  runconf_transaction_set_if_version (transaction, 1);
  assert_strings (
      runconf_configuration_apply_sync (configuration, transaction, &version, NULL, &error),
      "/port", NULL);
  g_assert_cmpuint (version, ==, 2);
}

static void
test_dry_run (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (GError) error = NULL;
  guint64 version = 77;

  runconf_transaction_set_value (transaction, "/port", g_variant_new_int64 (2));
  runconf_transaction_set_dry_run (transaction, TRUE);
  assert_strings (
      runconf_configuration_apply_sync (configuration, transaction, &version, NULL, &error),
      "/port", NULL);
  g_assert_cmpuint (version, ==, 0);
  assert_value (configuration, "/port", "int64 8000");
}

static void
on_config_changed (GDBusConnection *connection, const char *sender, const char *path,
                   const char *interface, const char *signal, GVariant *parameters, gpointer place)
{
  g_autoptr (GVariant) details = g_variant_get_child_value (parameters, 3);

  g_variant_lookup (details, "message", "s", place);
}

static void
test_message (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autofree char *message = NULL;
  g_autofree char *long_message = g_strnfill (1001, 'x');
  g_autoptr (GError) error = NULL;

  g_dbus_connection_signal_subscribe (service->world.connection, NULL, NULL, "ConfigChanged", NULL,
                                      NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_config_changed, &message,
                                      NULL);
  runconf_transaction_set_value (transaction, "/port", g_variant_new_int64 (2));
  runconf_transaction_set_message (transaction, "a reason");
  assert_strings (
      runconf_configuration_apply_sync (service->configuration, transaction, NULL, NULL, &error),
      "/port", NULL);
  world_wait_until (message != NULL);
  g_assert_cmpstr (message, ==, "a reason");

  runconf_transaction_set_message (transaction, long_message);
  g_assert_null (
      runconf_configuration_apply_sync (service->configuration, transaction, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "at most 1000 bytes");
}

static void
test_too_many (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 1001; i++)
    runconf_transaction_reset (transaction, "");
  g_assert_null (
      runconf_configuration_apply_sync (service->configuration, transaction, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE, "1001 operations are too many");
}

static void
test_async (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GAsyncResult) done = NULL;
  g_autoptr (GAsyncResult) cancelled = NULL;
  guint64 version = 0;

  runconf_transaction_set_value (transaction, "/port", g_variant_new_int64 (2));
  runconf_configuration_apply (configuration, transaction, NULL, take_result, &place);
  /* the value was read when it was set */
  runconf_transaction_set_value (transaction, "/port", g_variant_new_int64 (3));
  done = wait_for_result (&place);
  assert_strings (runconf_configuration_apply_finish (configuration, done, &version, &error),
                  "/port", NULL);
  g_assert_cmpuint (version, ==, 1);
  assert_value (configuration, "/port", "int64 2");

  service_stop (service);
  runconf_configuration_apply (configuration, transaction, cancellable, take_result, &place);
  g_cancellable_cancel (cancellable);
  cancelled = wait_for_result (&place);
  g_assert_null (runconf_configuration_apply_finish (configuration, cancelled, NULL, &error));
  assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  runconf_call_set_timeout (200);
  g_assert_null (runconf_configuration_apply_sync (configuration, transaction, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "");
  runconf_call_set_timeout (-1);
  service_go_on (service);
}

static void
test_denied (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect_as (service, 65534);
  g_autoptr (RunconfConfiguration) configuration = service_open (connection);
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_configuration_apply_sync (configuration, transaction, NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED, "Apply: only root");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/transaction/arguments", test_arguments);
  g_test_add_func ("/transaction/properties", test_properties);
  g_test_add_func ("/transaction/refusals", test_refusals);
  g_test_add_func ("/transaction/apply", test_apply);
  g_test_add_func ("/transaction/all-or-none", test_all_or_none);
  g_test_add_func ("/transaction/empty", test_empty);
  g_test_add_func ("/transaction/if-version", test_if_version);
  g_test_add_func ("/transaction/dry-run", test_dry_run);
  g_test_add_func ("/transaction/message", test_message);
  g_test_add_func ("/transaction/too-many", test_too_many);
  g_test_add_func ("/transaction/async", test_async);
  g_test_add_func ("/transaction/denied", test_denied);

  return g_test_run ();
}
