/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "service/call.h"
#include "service/description.h"
#include "service/dump.h"
#include "service/past.h"
#include "service/reading.h"
#include "service/writing.h"

/* What is not in this table can't be called. */
static const RunconfdMethod methods[] = {
  { "Get", RUNCONFD_METHOD_READ, runconfd_get },
  { "List", RUNCONFD_METHOD_READ, runconfd_list },
  { "Describe", RUNCONFD_METHOD_INQUIRE, runconfd_describe },
  { "Dump", RUNCONFD_METHOD_READ, runconfd_dump },
  { "History", RUNCONFD_METHOD_READ, runconfd_history },
  { "Diff", RUNCONFD_METHOD_READ, runconfd_diff },
  { "OpenSnapshot", RUNCONFD_METHOD_READ, runconfd_open_snapshot },
  { "Set", RUNCONFD_METHOD_WRITE, runconfd_set },
  { "Merge", RUNCONFD_METHOD_WRITE, runconfd_merge },
  { "MergeText", RUNCONFD_METHOD_WRITE, runconfd_merge_text },
  { "Reset", RUNCONFD_METHOD_WRITE, runconfd_reset },
  { "Save", RUNCONFD_METHOD_WRITE, runconfd_save },
  { "Apply", RUNCONFD_METHOD_WRITE, runconfd_apply },
  { "ReplaceText", RUNCONFD_METHOD_WRITE, runconfd_replace_text },
  { "Revert", RUNCONFD_METHOD_WRITE, runconfd_revert },
  { "Confirm", RUNCONFD_METHOD_WRITE, runconfd_confirm },
  { "Reload", RUNCONFD_METHOD_WRITE, runconfd_reload },
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
