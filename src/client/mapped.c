/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/configuration.h>

#include "client/snapshot-private.h"
#include "client/typed.h"

/**
 * runconf_configuration_get_mapped: (skip)
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @mapping: (scope call): converts a value to the result
 * @user_data: data for @mapping
 *
 * Gets a value from the shared memory, converted by a function of the program.
 *
 * @mapping is called with the value at the path. If it returns %FALSE, or there is no value, it is
 * called with the default that the value overrides, and at last with %NULL, for which it must
 * succeed: its result is then the fallback of the program. All values are of one version. If
 * @mapping refuses the value, one warning is logged, as for a read of another type; see
 * [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * The result belongs to the caller in the way that @mapping has made it. This function is for C:
 * other languages can convert the result of [method@Configuration.get_value].
 *
 * Never blocks, unless @mapping does. Can be called from any thread; @mapping is called in it.
 *
 * Returns: (transfer full) (nullable): the result of @mapping; %NULL after a critical warning if
 *   @mapping refused %NULL
 *
 * Since: 1.0
 */
gpointer
runconf_configuration_get_mapped (RunconfConfiguration *self, const char *path,
                                  RunconfGetMapping mapping, gpointer user_data)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) default_value = NULL;
  gpointer result = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (mapping != NULL, NULL);

  snapshot = runconf_configuration_get_snapshot (self);
  if (snapshot != NULL)
    value = runconf_snapshot_get_value (snapshot, path);
  if (value != NULL)
    {
      if (mapping (value, &result, user_data))
        return result;

      runconf_complaints_add_type (snapshot->complaints, path, runconf_typed_get_name (value),
                                   "that a mapping function of the program accepts");
      default_value = runconf_snapshot_get_default_value (snapshot, path);
    }

  if (default_value != NULL && mapping (default_value, &result, user_data))
    return result;

  if (mapping (NULL, &result, user_data))
    return result;

  g_critical (
      "%s: the mapping function of runconf_configuration_get_mapped () refused NULL: it has "
      "to give a result for it",
      path);

  return NULL;
}
