/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/error-name.h"

/**
 * runconf_error_quark:
 *
 * Never blocks.
 *
 * Returns: the error domain of Runconf
 *
 * Since: 1.0
 */
/* written by hand: clang-format takes the name in G_DEFINE_QUARK for a subtraction */
GQuark
runconf_error_quark (void)
{
  return g_quark_from_static_string ("runconf-error-quark");
}

/**
 * runconf_error_get_bus_name:
 *
 * Returns: the name of the error on the bus
 */
const char *
runconf_error_get_bus_name (RunconfError code)
{
  static const char *const names[RUNCONF_N_BUS_ERRORS] = {
    [RUNCONF_ERROR_INVALID_PATH] = "org.runconf.Error.InvalidPath",
    [RUNCONF_ERROR_NOT_FOUND] = "org.runconf.Error.NotFound",
    [RUNCONF_ERROR_INVALID_VALUE] = "org.runconf.Error.InvalidValue",
    [RUNCONF_ERROR_VERSION_MISMATCH] = "org.runconf.Error.VersionMismatch",
    [RUNCONF_ERROR_TOO_LARGE] = "org.runconf.Error.TooLarge",
    [RUNCONF_ERROR_STORAGE_FAILED] = "org.runconf.Error.StorageFailed",
    [RUNCONF_ERROR_UNAVAILABLE] = "org.runconf.Error.Unavailable",
    [RUNCONF_ERROR_SCHEMA_VIOLATION] = "org.runconf.Error.SchemaViolation",
    [RUNCONF_ERROR_LOCKED] = "org.runconf.Error.Locked",
  };

  g_return_val_if_fail (code < RUNCONF_N_BUS_ERRORS, NULL);

  return names[code];
}
