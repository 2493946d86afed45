/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfdAction:
 * @RUNCONFD_ACTION_READ: to read values that are open to every caller
 * @RUNCONFD_ACTION_READ_SECRET: to read secrets
 * @RUNCONFD_ACTION_READ_HISTORY: to read the changes, their callers and the values before them
 * @RUNCONFD_ACTION_MODIFY: to change overrides
 * @RUNCONFD_ACTION_REVERT: to go back to an older version
 * @RUNCONFD_ACTION_RELOAD: to have the files read again
 *
 * An action for which a caller needs a right.
 */
typedef enum
{
  RUNCONFD_ACTION_READ,
  RUNCONFD_ACTION_READ_SECRET,
  RUNCONFD_ACTION_READ_HISTORY,
  RUNCONFD_ACTION_MODIFY,
  RUNCONFD_ACTION_REVERT,
  RUNCONFD_ACTION_RELOAD,
} RunconfdAction;

const char *runconfd_action_get_id (RunconfdAction action);
const char *runconfd_action_get_purpose (RunconfdAction action);
const char *runconfd_action_get_message (RunconfdAction action);

G_END_DECLS
