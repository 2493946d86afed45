/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "service/call.h"
#include "service/description.h"
#include "service/dump.h"
#include "service/past.h"
#include "service/reading.h"
#include "service/writing.h"

/* What is not in this table can't be called, and the right for what can is in it. */
static const RunconfdMethod methods[] = {
  { "Get", RUNCONFD_METHOD_READ, RUNCONFD_ACTION_READ, runconfd_concern_path, NULL, runconfd_get },
  { "List", RUNCONFD_METHOD_READ, RUNCONFD_ACTION_READ, runconfd_concern_path, NULL,
    runconfd_list },
  { "Describe", RUNCONFD_METHOD_INQUIRE, RUNCONFD_ACTION_MODIFY, runconfd_call_concern_argument,
    NULL, runconfd_describe },
  { "Dump", RUNCONFD_METHOD_READ, RUNCONFD_ACTION_READ, runconfd_concern_dump, NULL,
    runconfd_dump },
  { "History", RUNCONFD_METHOD_READ, RUNCONFD_ACTION_READ_HISTORY, runconfd_call_concern_argument,
    NULL, runconfd_history },
  { "Diff", RUNCONFD_METHOD_READ, RUNCONFD_ACTION_READ_HISTORY, NULL, NULL, runconfd_diff },
  { "OpenSnapshot", RUNCONFD_METHOD_READ, RUNCONFD_ACTION_READ, NULL, NULL,
    runconfd_open_snapshot },
  { "Set", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY, NULL, runconfd_prepare_set,
    runconfd_write },
  { "Merge", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY, NULL, runconfd_prepare_merge,
    runconfd_write },
  { "MergeText", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY, NULL, runconfd_prepare_merge_text,
    runconfd_write },
  { "Reset", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY, NULL, runconfd_prepare_reset,
    runconfd_write },
  { "Save", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY, NULL, runconfd_prepare_save,
    runconfd_write },
  { "Apply", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY, NULL, runconfd_prepare_apply,
    runconfd_write },
  { "ReplaceText", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY, NULL,
    runconfd_prepare_replace_text, runconfd_write },
  { "Revert", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_REVERT, NULL, runconfd_prepare_revert,
    runconfd_write },
  { "Confirm", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY, NULL, runconfd_prepare_confirm,
    runconfd_confirm },
  { "Reload", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_RELOAD, NULL, NULL, runconfd_reload },
};

/**
 * runconfd_method_find:
 *
 * Returns: (nullable): the method of that name
 */
const RunconfdMethod *
runconfd_method_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      if (strcmp (methods[i].name, name) == 0)
        return &methods[i];
    }

  return NULL;
}
