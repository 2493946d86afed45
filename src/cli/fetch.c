/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/fetch.h"

#include "cli/hint.h"
#include "cli/value.h"
#include "core/variant.h"

/* What fits no message of the bus is read from the shared memory, which holds all but secrets. */
static GVariant *
fetch (CliSession *session, const char *path, GError **error)
{
  RunconfConfiguration *configuration = cli_session_reach (session, error);
  g_autoptr (GError) failure = NULL;
  GVariant *value;

  if (configuration == NULL)
    return NULL;

  value = runconf_configuration_fetch_value_sync (configuration, path, NULL, &failure);
  if (value == NULL && g_error_matches (failure, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE))
    {
      configuration = cli_session_open (session, NULL);
      if (configuration != NULL)
        value = runconf_configuration_get_value (configuration, path);
    }

  if (value == NULL)
    g_propagate_error (error, g_steal_pointer (&failure));

  return value;
}

/**
 * cli_fetch:
 * @path: what was given
 *
 * Asks the service for a value.
 *
 * Returns: (transfer full): what stands there, or %NULL with an error that tells the path that may
 *   have been meant
 */
RunconfNode *
cli_fetch (CliSession *session, const char *path, GError **error)
{
  g_autoptr (GVariant) value = NULL;
  GError *failure = NULL;

  if (!cli_value_check_path (path, error))
    return NULL;

  value = fetch (session, path, &failure);
  if (value != NULL)
    return runconf_node_from_variant (value, path, error);

  cli_hint_path (session, path, failure);
  g_propagate_error (error, failure);

  return NULL;
}
