/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "service/calls/call.h"
#include "service/calls/description.h"
#include "service/calls/dump.h"
#include "service/calls/explanation.h"
#include "service/calls/past.h"
#include "service/calls/reading.h"
#include "service/calls/writing.h"

/* A method that isn't in this table can't be called, and each method here has its right. */
static const RunconfdMethod methods[] = {
  { "Get", RUNCONFD_METHOD_READ, RUNCONFD_ACTION_READ, .find_concern = runconfd_find_path_concern,
    .run = runconfd_get },
  { "List", RUNCONFD_METHOD_READ, RUNCONFD_ACTION_READ, .find_concern = runconfd_find_path_concern,
    .run = runconfd_list },
  { "Describe", RUNCONFD_METHOD_INQUIRE, RUNCONFD_ACTION_MODIFY,
    .find_concern = runconfd_find_argument_concern, .run = runconfd_describe },
  { "Dump", RUNCONFD_METHOD_READ, RUNCONFD_ACTION_READ, .find_concern = runconfd_find_dump_concern,
    .run = runconfd_dump },
  { "Explain", RUNCONFD_METHOD_READ, RUNCONFD_ACTION_READ,
    .find_concern = runconfd_find_explain_concern, .run = runconfd_explain },
  { "History", RUNCONFD_METHOD_READ, RUNCONFD_ACTION_READ_HISTORY,
    .find_concern = runconfd_find_argument_concern, .run = runconfd_history },
  { "Diff", RUNCONFD_METHOD_READ, RUNCONFD_ACTION_READ_HISTORY, .run = runconfd_diff },
  { "OpenSnapshot", RUNCONFD_METHOD_READ, RUNCONFD_ACTION_READ, .run = runconfd_open_snapshot },
  { "Set", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY, .prepare = runconfd_prepare_set,
    .run = runconfd_write },
  { "Merge", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY, .prepare = runconfd_prepare_merge,
    .run = runconfd_write },
  { "MergeText", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY,
    .prepare_async = runconfd_prepare_merge_text, .run = runconfd_write },
  { "Reset", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY, .prepare = runconfd_prepare_reset,
    .run = runconfd_write },
  { "Save", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY, .prepare = runconfd_prepare_save,
    .run = runconfd_write },
  { "Apply", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY, .prepare = runconfd_prepare_apply,
    .run = runconfd_write },
  { "ReplaceText", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY,
    .prepare_async = runconfd_prepare_replace_text, .run = runconfd_write },
  { "Revert", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_REVERT,
    .prepare_async = runconfd_prepare_revert, .run = runconfd_write },
  { "Confirm", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_MODIFY,
    .find_scope = runconfd_find_confirm_scope, .run = runconfd_confirm },
  { "Reload", RUNCONFD_METHOD_WRITE, RUNCONFD_ACTION_RELOAD, .run = runconfd_reload },
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
