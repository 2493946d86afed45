/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/quiet.h"

/* Calls that the user hasn't asked for: those that start between begin and end ask for no password. */

/* Returns: the mode before, for [func@editor_quiet_end] */
gboolean
editor_quiet_begin (RunconfConfiguration *configuration)
{
  gboolean was_interactive = runconf_configuration_get_interactive (configuration);

  runconf_configuration_set_interactive (configuration, FALSE);

  return was_interactive;
}

void
editor_quiet_end (RunconfConfiguration *configuration, gboolean was_interactive)
{
  runconf_configuration_set_interactive (configuration, was_interactive);
}
