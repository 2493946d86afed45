/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/source-report.h"

#include "core/error.h"

/* Reports the errors that a load met in the defaults, the schema and the locks. A file that another
 * process is writing isn't judged.
 */

static void
note_problem (RunconfdHealth *health, const char *message)
{
  runconfd_health_note_problem (health, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, message);
}

void
runconfd_source_report_defaults (const RunconfdLoad *load, RunconfdHealth *health)
{
  const RunconfdSideFile *file = &load->sides[RUNCONFD_SIDE_DEFAULTS];

  if (file->is_held)
    return;

  if (file->error != NULL)
    note_problem (health, file->error->message);

  /* a configuration without defaults is removed from the bus, and has no state */
  if (load->is_vacant)
    return;

  if (file->error != NULL || !file->is_changed)
    runconfd_health_set (health, RUNCONFD_AILMENT_DEFAULTS,
                         file->error != NULL ? file->error->message : NULL);
}

/* @rest says which rule is in force in spite of the error. */
static void
report_rule (const RunconfdSideFile *file, RunconfdHealth *health, RunconfdAilment ailment,
             const char *rest, const char *trouble)
{
  g_autofree char *message = NULL;

  if (file->is_held)
    return;

  if (file->error != NULL)
    {
      message = g_strdup_printf ("%s; %s", file->error->message, rest);
      note_problem (health, file->error->message);
    }

  runconfd_health_set (health, ailment, message != NULL ? message : trouble);
}

/**
 * runconfd_source_report_rules:
 * @ground: the ground that the load made
 */
void
runconfd_source_report_rules (const RunconfdLoad *load, const RunconfdGround *ground,
                              RunconfdHealth *health)
{
  gboolean has_schema = runconfd_rules_get_schema (ground->rules) != NULL;
  const RunconfLocks *locks = runconfd_rules_get_locks (ground->rules);

  report_rule (&load->sides[RUNCONFD_SIDE_SCHEMA], health, RUNCONFD_AILMENT_SCHEMA,
               has_schema ? "the schema before it stays" : "values aren't checked", NULL);
  report_rule (&load->sides[RUNCONFD_SIDE_LOCKS], health, RUNCONFD_AILMENT_LOCKS,
               locks != NULL ? "the locks before it stay" : "nothing is locked by it",
               locks != NULL ? runconf_locks_get_trouble (locks) : NULL);
}
