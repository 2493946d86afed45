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

/* the number of changed files that the history names at most */
#define MAX_NAMED 5

static void
note_problem (RunconfdHealth *health, const char *message)
{
  runconfd_health_note_problem (health, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, message);
}

void
runconfd_source_report_defaults (const RunconfdLoad *load, RunconfdHealth *health)
{
  const RunconfdSourceFile *file = &load->sources[RUNCONFD_SOURCE_DEFAULTS];

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
report_rule (const RunconfdSourceFile *file, RunconfdHealth *health, RunconfdAilment ailment,
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

  report_rule (&load->sources[RUNCONFD_SOURCE_SCHEMA], health, RUNCONFD_AILMENT_SCHEMA,
               has_schema ? "the schema before it stays" : "values aren't checked", NULL);
  report_rule (&load->sources[RUNCONFD_SOURCE_LOCKS], health, RUNCONFD_AILMENT_LOCKS,
               locks != NULL ? "the locks before it stay" : "nothing is locked by it", invalid);
}

typedef struct
{
  RunconfLayer layer;
  GString *files;
  guint n_files;
} Changes;

static void
add_change (Changes *changes, RunconfLayer layer, const char *path, gboolean is_removed)
{
  g_autofree char *file = g_filename_display_name (path);

  changes->layer = MAX (changes->layer, layer);
  if (changes->n_files++ < MAX_NAMED)
    g_string_append_printf (changes->files, "%s%s%s", changes->files->len > 0 ? ", " : "", file,
                            is_removed ? " (removed)" : "");
}

static void
add_part (const RunconfdPart *part, gboolean is_removed, gpointer user_data)
{
  add_change (user_data, part->layer, part->path, is_removed);
}

static const RunconfLayerFile *
find_file (GPtrArray *files, const char *path)
{
  for (guint i = 0; i < files->len; i++)
    {
      const RunconfLayerFile *file = files->pdata[i];

      if (strcmp (file->path, path) == 0)
        return file;
    }

  return NULL;
}

/* A broken file counts with its last good text, so the files of the stacks are compared. */
static void
add_defaults (Changes *changes, const RunconfdLoad *load)
{
  GPtrArray *before = runconf_stack_get_files (load->known_stack);
  GPtrArray *after = runconf_stack_get_files (load->stack);

  for (guint i = 0; i < after->len; i++)
    {
      const RunconfLayerFile *file = after->pdata[i];
      const RunconfLayerFile *other = find_file (before, file->path);

      if (other == NULL
          || !g_bytes_equal (runconf_document_get_text (other->document),
                             runconf_document_get_text (file->document)))
        add_change (changes, file->layer, file->path, FALSE);
    }

  for (guint i = 0; i < before->len; i++)
    {
      const RunconfLayerFile *file = before->pdata[i];

      if (find_file (after, file->path) == NULL)
        add_change (changes, file->layer, file->path, TRUE);
    }
}

/**
 * runconfd_source_report_cause:
 * @layer: (out) (nullable): the name of the strongest layer whose files changed, if any did
 * @message: (out) (transfer full) (nullable): these files
 *
 * Returns: the origin of a change that other files make
 */
const char *
runconfd_source_report_cause (const RunconfdLoad *load, const char **layer, char **message)
{
  static const RunconfdSource rules[] = { RUNCONFD_SOURCE_SCHEMA, RUNCONFD_SOURCE_LOCKS };
  Changes changes = { .files = g_string_new (NULL) };
  gboolean has_defaults;

  if (load->stack != NULL && load->known_stack != NULL)
    add_defaults (&changes, load);
  has_defaults = changes.n_files > 0;
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      if (load->sources[rules[i]].is_changed)
        runconfd_source_file_foreach_change (&load->sources[rules[i]], add_part, &changes);
    }

  if (changes.n_files > MAX_NAMED)
    g_string_append_printf (changes.files, " and %u more", changes.n_files - MAX_NAMED);
  *layer = changes.n_files > 0 ? runconf_layer_get_name (changes.layer) : NULL;
  *message = g_string_free (changes.files, changes.n_files == 0);

  return has_defaults ? "defaults" : "rules";
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
