/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/source-report.h"

#include "core/error.h"
#include "core/escape.h"
#include "service/base/log.h"

/* Reports the errors that a load met in the defaults, the schema and the locks. A file that another
 * process is writing isn't judged.
 */

/* the number of ignored values that are logged at most for each change of the files */
#define MAX_LOGGED 20

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
runconfd_source_report_rules (const RunconfdLoad *load, const RunconfGround *ground,
                              RunconfdHealth *health)
{
  gboolean has_schema = runconf_rules_get_schema (ground->rules) != NULL;
  const RunconfLocks *locks = runconf_rules_get_locks (ground->rules);
  g_autofree char *invalid = locks != NULL ? runconf_locks_describe_errors (locks) : NULL;

  report_rule (&load->sides[RUNCONFD_SIDE_SCHEMA], health, RUNCONFD_AILMENT_SCHEMA,
               has_schema ? "the schema before it stays" : "values aren't checked", NULL);
  report_rule (&load->sides[RUNCONFD_SIDE_LOCKS], health, RUNCONFD_AILMENT_LOCKS,
               locks != NULL ? "the locks before it stay" : "nothing is locked by it", invalid);
}

static char *
describe_ignored (const RunconfStackEntry *entry)
{
  g_autofree char *file = g_filename_display_name (entry->file);
  g_autofree char *path = runconf_escape (entry->pointer, -1);

  return g_strdup_printf ("%s:%u:%u: %s: it is %s, and has no effect", file, entry->line,
                          entry->column, path, entry->ignored);
}

/**
 * runconfd_source_report_ignored:
 * @name: of the configuration
 *
 * Logs the values of the defaults that have no effect, since a weaker layer locks their paths. Those
 * that had none before are not logged again.
 */
void
runconfd_source_report_ignored (const RunconfdLoad *load, const char *name)
{
  g_autoptr (GHashTable) logged = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) now = runconf_stack_list_ignored (load->stack);
  g_autoptr (GPtrArray) before
      = load->known_stack != NULL ? runconf_stack_list_ignored (load->known_stack) : NULL;
  guint n_new = 0;

  for (guint i = 0; before != NULL && i < before->len; i++)
    g_hash_table_add (logged, describe_ignored (before->pdata[i]));

  for (guint i = 0; i < now->len; i++)
    {
      const RunconfStackEntry *entry = now->pdata[i];
      char *message = describe_ignored (entry);

      if (g_hash_table_add (logged, message) && n_new++ < MAX_LOGGED)
        runconfd_log (LOG_WARNING, name, 0, entry->pointer, "%s", message);
    }

  if (n_new > MAX_LOGGED)
    runconfd_log (LOG_WARNING, name, 0, NULL,
                  "%u more values have no effect: runconf explain --all lists them",
                  n_new - MAX_LOGGED);
}
