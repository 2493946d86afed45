/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/authority/action.h"

#include <glib/gi18n.h>

typedef struct
{
  const char *id;      /* in polkit */
  const char *purpose; /* follows “you may not” */
  const char *message; /* for the password dialog, in the language of the user */
} Action;

static const Action actions[] = {
  [RUNCONFD_ACTION_READ] = { NULL, "read", NULL },
  [RUNCONFD_ACTION_READ_SECRET]
  = { "org.runconf.config1.read-secret", "read secrets of",
      N_ ("Authentication is required to read secrets of the configuration $(configuration)") },
  [RUNCONFD_ACTION_READ_HISTORY]
  = { "org.runconf.config1.read-history", "read the history of",
      N_ ("Authentication is required to read the history of the configuration $(configuration)") },
  [RUNCONFD_ACTION_MODIFY]
  = { "org.runconf.config1.modify", "change",
      N_ ("Authentication is required to change the configuration $(configuration)") },
  [RUNCONFD_ACTION_REVERT]
  = { "org.runconf.config1.revert", "revert",
      N_ ("Authentication is required to revert the configuration $(configuration)") },
  [RUNCONFD_ACTION_RELOAD]
  = { "org.runconf.config1.reload", "reload",
      N_ ("Authentication is required to reload the configuration $(configuration)") },
};

/**
 * runconfd_action_get_id:
 *
 * Returns: (nullable): the polkit action; %NULL for an action that every caller may do
 */
const char *
runconfd_action_get_id (RunconfdAction action)
{
  return actions[action].id;
}

/**
 * runconfd_action_get_purpose:
 *
 * Returns: a verb phrase for the action, to be followed by “the configuration”
 */
const char *
runconfd_action_get_purpose (RunconfdAction action)
{
  return actions[action].purpose;
}

/**
 * runconfd_action_get_message:
 *
 * polkit inserts the configuration's name. The name consists of safe characters only; a path could
 * hold text that misleads the user in the dialog.
 *
 * Returns: (nullable): the text of the password dialog
 */
const char *
runconfd_action_get_message (RunconfdAction action)
{
  return actions[action].message;
}
