/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/configuration.h>

#include "client/configuration-private.h"
#include "client/memory.h"

/* The public function that makes a configuration in memory. */

/**
 * runconf_configuration_new_in_memory: (constructor)
 * @name: the name of the configuration, such as `default`
 * @defaults: (nullable): the defaults, an `a{sv}`; a floating reference is consumed; %NULL for none
 * @error: return location for an error
 *
 * Makes a configuration in memory, for the tests of a program: it needs no bus, no service, no files
 * and no other thread.
 *
 * Its version is 0 at first, and it has no overrides. It is read, watched, bound and written like any
 * other configuration, with the same results, and its overrides end with the object. Other objects
 * don't see them, also if they have the same name. [property@Configuration:connected] is %TRUE, and
 * [property@Configuration:shared] is %FALSE.
 *
 * A write is done when the function that makes it returns, also if that function has a callback.
 * Changes are reported in the next iteration of the main context of the object or of the watch.
 *
 * There is no schema, lock, secret, layer of other files or boot layer. Every path is writable. The
 * history has the last 1,000 changes. A call that needs the service fails with
 * %RUNCONF_ERROR_UNAVAILABLE: those with texts of values, such as
 * [method@Configuration.merge_text_sync] and [method@Configuration.dump_sync], those that wait for a
 * confirmation, and those that change the overrides for one boot.
 *
 * Never blocks. The errors are %RUNCONF_ERROR_INVALID_VALUE, %RUNCONF_ERROR_INVALID_PATH and
 * %RUNCONF_ERROR_TOO_LARGE if @name or @defaults can't be those of a configuration, and
 * %RUNCONF_ERROR_UNAVAILABLE if there is not enough memory.
 *
 * Returns: (transfer full): the configuration, or %NULL if an error occurred
 *
 * Since: 1.0
 */
RunconfConfiguration *
runconf_configuration_new_in_memory (const char *name, GVariant *defaults, GError **error)
{
  g_autoptr (GVariant) owned = defaults != NULL ? g_variant_ref_sink (defaults) : NULL;
  g_autoptr (RunconfConfiguration) self = NULL;
  RunconfLink *link;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!runconf_configuration_check_name (name, error))
    return NULL;

  self = g_object_new (RUNCONF_TYPE_CONFIGURATION, "name", name, NULL);
  link = runconf_memory_new (name, owned, runconf_configuration_get_notices (self), error);
  if (link == NULL)
    return NULL;

  runconf_configuration_use_link (self, link);

  return g_steal_pointer (&self);
}
