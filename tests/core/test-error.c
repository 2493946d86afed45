/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/error-name.h"

static void
test_bus_names (void)
{
  static const char *const names[] = {
    [RUNCONF_ERROR_INVALID_PATH] = "InvalidPath",
    [RUNCONF_ERROR_NOT_FOUND] = "NotFound",
    [RUNCONF_ERROR_INVALID_VALUE] = "InvalidValue",
    [RUNCONF_ERROR_VERSION_MISMATCH] = "VersionMismatch",
    [RUNCONF_ERROR_TOO_LARGE] = "TooLarge",
    [RUNCONF_ERROR_STORAGE_FAILED] = "StorageFailed",
    [RUNCONF_ERROR_UNAVAILABLE] = "Unavailable",
    [RUNCONF_ERROR_SCHEMA_VIOLATION] = "SchemaViolation",
    [RUNCONF_ERROR_LOCKED] = "Locked",
  };

  g_assert_cmpuint (G_N_ELEMENTS (names), ==, RUNCONF_N_BUS_ERRORS);
  for (guint i = 0; i < RUNCONF_N_BUS_ERRORS; i++)
    {
      g_autofree char *name = g_strconcat ("org.runconf.Error.", names[i], NULL);

      g_assert_cmpstr (runconf_error_get_bus_name (i), ==, name);
    }
}

/* New codes are only appended. */
static void
test_codes (void)
{
  g_assert_cmpint (RUNCONF_ERROR_INVALID_PATH, ==, 0);
  g_assert_cmpint (RUNCONF_ERROR_NOT_FOUND, ==, 1);
  g_assert_cmpint (RUNCONF_ERROR_INVALID_VALUE, ==, 2);
  g_assert_cmpint (RUNCONF_ERROR_VERSION_MISMATCH, ==, 3);
  g_assert_cmpint (RUNCONF_ERROR_TOO_LARGE, ==, 4);
  g_assert_cmpint (RUNCONF_ERROR_STORAGE_FAILED, ==, 5);
  g_assert_cmpint (RUNCONF_ERROR_UNAVAILABLE, ==, 6);
  g_assert_cmpint (RUNCONF_ERROR_SCHEMA_VIOLATION, ==, 7);
  g_assert_cmpint (RUNCONF_ERROR_LOCKED, ==, 8);
}

static void
test_quark (void)
{
  g_assert_cmpstr (g_quark_to_string (RUNCONF_ERROR), ==, "runconf-error-quark");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/error/bus-names", test_bus_names);
  g_test_add_func ("/error/codes", test_codes);
  g_test_add_func ("/error/quark", test_quark);

  return g_test_run ();
}
