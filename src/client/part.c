/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/configuration.h>

#include "client/argument.h"
#include "client/base.h"
#include "client/configuration-link.h"
#include "client/configuration-private.h"
#include "client/usable.h"
#include "core/path.h"

/* The public functions for a part of a configuration. */

/**
 * runconf_configuration_get_child:
 * @self: a configuration
 * @path: the path of a part, as a JSON Pointer; there may be no value yet
 * @error: return location for an error
 *
 * Makes an object for a part of a configuration, for code that has to know its own part only.
 *
 * The object is used like @self, but each path is one in the part: with the path `/chat`, a read of
 * `/port` returns the value at `/chat/port`, and the empty path is the value at `/chat`. So are the paths
 * of writes, transactions, bindings, watches and snapshots, and the paths that calls and signals
 * return. A change outside the part isn't reported. A path in the message of an error is one in the
 * whole configuration.
 *
 * All other properties and signals are those of @self, such as the version, which grows with each
 * change of the whole configuration. They are notified in the main context of @self. A call that
 * changes the whole configuration, [method@Configuration.merge_text_sync],
 * [method@Configuration.replace_text_sync] and [method@Configuration.revert_sync], fails with
 * %RUNCONF_ERROR_UNAVAILABLE.
 *
 * The object keeps @self alive, and costs no message and no memory of the service. Never blocks.
 *
 * Returns: (transfer full): the part, or %NULL with %RUNCONF_ERROR_INVALID_PATH if the path isn't a JSON
 *   Pointer, %RUNCONF_ERROR_TOO_LARGE if it is deeper than a configuration can be, or
 *   %RUNCONF_ERROR_UNAVAILABLE if @self isn't initialised
 *
 * Since: 1.0
 */
RunconfConfiguration *
runconf_configuration_get_child (RunconfConfiguration *self, const char *path, GError **error)
{
  RunconfConfiguration *whole, *child;
  g_autoptr (RunconfPath) parsed = NULL;
  g_autofree char *full = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!runconf_configuration_check_initialised (self, error)
      || !runconf_argument_check_path (path, error))
    return NULL;

  whole = runconf_configuration_peek (self)->whole;
  full = runconf_base_join (runconf_configuration_get_base_path (self), path);
  parsed = runconf_path_new (full, error);
  if (parsed == NULL)
    return NULL;

  child = g_object_new (RUNCONF_TYPE_CONFIGURATION, "name", runconf_configuration_get_name (self),
                        NULL);
  runconf_configuration_use_whole (child, whole != NULL ? whole : self, full);

  return child;
}

/**
 * runconf_configuration_get_base_path: (attributes org.gtk.Method.get_property=base-path)
 * @self: a configuration
 *
 * Gets the path of the part that the object has, see [method@Configuration.get_child]. Never blocks.
 *
 * Returns: (transfer none): the path in the whole configuration; the empty string for the whole one
 *
 * Since: 1.0
 */
const char *
runconf_configuration_get_base_path (RunconfConfiguration *self)
{
  const RunconfConfigurationLink *peek;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  peek = runconf_configuration_peek (self);

  return peek->whole != NULL ? peek->base : "";
}
